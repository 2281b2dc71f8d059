SELECT concat('{"data":{"findingCreate":{"finding":{"id":"', f.id,
  '","reference":"', f.reference, '","title":', to_json(f.title), ',"status":"', f.status,
  '","site":', CASE WHEN s.id IS NULL THEN 'null'
    ELSE concat('{"code":', to_json(s.code), ',"name":', to_json(s.name), '}') END,
  ',"createdBy":{"name":', to_json(u.name), '}},"errors":[]}}}')
FROM finding f
JOIN users u ON u.organization_id = f.organization_id AND u.id = f.created_by_id
LEFT JOIN sites s ON s.organization_id = f.organization_id AND s.id = f.site_id
