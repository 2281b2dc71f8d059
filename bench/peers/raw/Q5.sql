WITH made AS (
  INSERT INTO sites (code, name, parent_id) VALUES ($1, $2, $3)
  RETURNING id, code, name, parent_id, created_by_id
)
SELECT concat('{"data":{"siteCreate":{"site":{"id":"', made.id, '","code":', to_json(made.code),
  ',"name":', to_json(made.name), ',"parent":', CASE WHEN p.id IS NULL THEN 'null'
    ELSE concat('{"code":', to_json(p.code), ',"name":', to_json(p.name), '}') END,
  ',"createdBy":', CASE WHEN u.id IS NULL THEN 'null' ELSE concat('{"name":', to_json(u.name), '}') END,
  '},"errors":[]}}}')
FROM made
LEFT JOIN sites p ON p.id = made.parent_id
LEFT JOIN users u ON u.id = made.created_by_id
