SELECT concat('{"data":{"clauses":{"nodes":[', (
  SELECT string_agg(concat('{"id":"', id, '","number":', to_json(number),
    ',"title":', to_json(title), ',"summary":', coalesce(to_json(summary)::text, 'null'),
    ',"depth":', depth, ',"isRequirement":', CASE WHEN is_requirement THEN 'true' ELSE 'false' END,
    ',"theme":', coalesce('"' || theme || '"', 'null'),
    ',"withdrawnAt":', coalesce(to_json(withdrawn_at)::text, 'null'),
    ',"createdAt":', to_json(created_at), ',"updatedAt":', to_json(updated_at), '}'), ',')
  FROM (SELECT * FROM clauses ORDER BY standard_id, sort_key, id LIMIT 1000) page), ']}}}')
