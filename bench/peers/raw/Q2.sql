SELECT concat('{"data":{"standards":{"nodes":[', (
  SELECT string_agg(concat('{"id":"', s.id, '","title":', to_json(s.title),
    ',"clauses":{"nodes":[', (
      SELECT string_agg(concat('{"id":"', c.id, '","number":', to_json(c.number),
        ',"title":', to_json(c.title),
        ',"summary":', coalesce(to_json(c.summary)::text, 'null'),
        ',"parent":', coalesce((
          SELECT concat('{"number":', to_json(p.number), ',"title":', to_json(p.title), '}')
          FROM clauses p WHERE p.id = c.parent_id), 'null'),
        ',"updatedBy":', coalesce((
          SELECT concat('{"name":', to_json(u.name), '}')
          FROM users u WHERE u.id = c.updated_by_id), 'null'),
        ',"assessments":{"nodes":[', (
          SELECT string_agg(concat('{"id":"', a.id,
            '","justification":', coalesce(to_json(a.justification)::text, 'null'),
            ',"conformity":"', a.conformity,
            '","owner":', coalesce((
              SELECT concat('{"name":', to_json(u.name), '}')
              FROM users u WHERE u.id = a.owner_id), 'null'),
            '}'), ',' ORDER BY a.assessed_at, a.id)
          FROM (
            SELECT id, justification, conformity, owner_id, assessed_at
            FROM clause_assessments WHERE clause_id = c.id ORDER BY assessed_at, id LIMIT 5
          ) a), ']}}'), ',' ORDER BY c.sort_key, c.id)
      FROM (
        SELECT id, number, title, summary, parent_id, updated_by_id, sort_key
        FROM clauses WHERE standard_id = s.id ORDER BY sort_key, id LIMIT 20
      ) c), ']}}'), ',' ORDER BY s.code)
  FROM (SELECT id, title, code FROM standards ORDER BY code LIMIT 50) s), ']}}}')
