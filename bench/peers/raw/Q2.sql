WITH chosen AS MATERIALIZED (
  SELECT id, title, code FROM standards ORDER BY code LIMIT 50
), parts AS MATERIALIZED (
  SELECT c.* FROM chosen s CROSS JOIN LATERAL (
    SELECT id, number, title, summary, standard_id, parent_id, updated_by_id, sort_key
    FROM clauses WHERE standard_id = s.id ORDER BY sort_key, id LIMIT 20) c
), kept AS MATERIALIZED (
  SELECT a.* FROM parts c CROSS JOIN LATERAL (
    SELECT id, clause_id, conformity, implementation, owner_id, assessed_at
    FROM clause_assessments WHERE clause_id = c.id ORDER BY assessed_at, id LIMIT 5) a
), names AS MATERIALIZED (
  SELECT id, concat('{"name":', to_json(name), '}') AS told FROM users
), judged AS (
  SELECT a.clause_id AS id, string_agg(concat('{"id":"', a.id, '","conformity":"', a.conformity,
    '","implementation":"', a.implementation, '","owner":', coalesce(u.told, 'null'),
    '}'), ',' ORDER BY a.assessed_at, a.id) AS nodes
  FROM kept a LEFT JOIN names u ON u.id = a.owner_id
  GROUP BY a.clause_id
), told AS (
  SELECT c.standard_id, string_agg(concat('{"id":"', c.id, '","number":', to_json(c.number),
    ',"title":', to_json(c.title), ',"summary":', coalesce(to_json(c.summary)::text, 'null'),
    ',"parent":', CASE WHEN p.id IS NULL THEN 'null'
      ELSE concat('{"number":', to_json(p.number), ',"title":', to_json(p.title), '}') END,
    ',"updatedBy":',
    coalesce(u.told, 'null'),
    ',"assessments":{"nodes":[', j.nodes, ']}}'), ',' ORDER BY c.sort_key, c.id) AS nodes
  FROM parts c
  LEFT JOIN judged j ON j.id = c.id
  LEFT JOIN clauses p ON p.id = c.parent_id
  LEFT JOIN names u ON u.id = c.updated_by_id
  GROUP BY c.standard_id
)
SELECT concat('{"data":{"standards":{"nodes":[', (
  SELECT string_agg(concat('{"id":"', s.id, '","title":', to_json(s.title),
    ',"clauses":{"nodes":[', t.nodes, ']}}'), ',' ORDER BY s.code)
  FROM chosen s LEFT JOIN told t ON t.standard_id = s.id), ']}}}')
