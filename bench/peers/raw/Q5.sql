WITH made AS (
  INSERT INTO findings (title, grade, source_type, statement, severity, site_id)
  VALUES ($1, $2, $3, $4, $5, $6)
  RETURNING id, reference, title, status, site_id, created_by_id
)
SELECT concat('{"data":{"findingCreate":{"finding":{"id":"', made.id,
  '","reference":', to_json(made.reference), ',"title":', to_json(made.title),
  ',"status":"', made.status,
  '","site":', CASE WHEN s.id IS NULL THEN 'null'
    ELSE concat('{"code":', to_json(s.code), ',"name":', to_json(s.name), '}') END,
  ',"createdBy":', CASE WHEN u.id IS NULL THEN 'null' ELSE concat('{"name":', to_json(u.name), '}') END,
  '},"errors":[]}}}')
FROM made
LEFT JOIN sites s ON s.id = made.site_id
LEFT JOIN users u ON u.id = made.created_by_id
