SELECT concat('{"data":{"clauseAssessment":{"id":"', a.id, '","justification":',
  coalesce(to_json(a.justification)::text, 'null'), ',"conformity":"', a.conformity,
  '","implementation":"', a.implementation, '","clause":{"title":', to_json(c.title),
  '},"owner":', CASE WHEN u.id IS NULL THEN 'null' ELSE concat('{"name":', to_json(u.name), '}') END,
  '}}}')
FROM clause_assessments a
JOIN clauses c ON c.id = a.clause_id
LEFT JOIN users u ON u.id = a.owner_id
WHERE a.id = $1
