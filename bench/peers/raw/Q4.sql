WITH found AS MATERIALIZED (
  SELECT id, justification, owner_id, assessed_at,
    row_number() OVER (ORDER BY assessed_at, id) AS place
  FROM clause_assessments
  WHERE conformity = $1 AND implementation = $2
  ORDER BY assessed_at, id LIMIT 51
), page AS (SELECT * FROM found ORDER BY place LIMIT 50)
SELECT concat('{"data":{"clauseAssessments":{"totalCount":',
  (SELECT count(*) FROM clause_assessments WHERE conformity = $1 AND implementation = $2),
  ',"pageInfo":{"hasNextPage":', CASE WHEN (SELECT count(*) FROM found) > 50 THEN 'true' ELSE 'false' END,
  ',"endCursor":', coalesce(
    (SELECT concat('"', extract(epoch FROM assessed_at), '_', id, '"')
     FROM page ORDER BY place DESC LIMIT 1), 'null'),
  '},"edges":[', (
    SELECT string_agg(concat('{"cursor":"', extract(epoch FROM p.assessed_at), '_', p.id,
      '","node":{"id":"', p.id,
      '","justification":', coalesce(to_json(p.justification)::text, 'null'),
      ',"conformity":"', $1, '","implementation":"', $2, '","owner":', coalesce(
        (SELECT concat('{"name":', to_json(u.name), '}') FROM users u WHERE u.id = p.owner_id),
        'null'),
      '}}'), ',' ORDER BY p.place)
    FROM page p), ']}}}')
