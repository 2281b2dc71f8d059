-- The rows, the same in every run: :scale times 100 standards, 20,000 clauses, 40,000 assessments.
SET search_path = plain;

CREATE FUNCTION user_id(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT plain.seeded('2024-01-01Z'::timestamptz + i * interval '1 s', 'user ' || i) $$;
CREATE FUNCTION site_id(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT plain.seeded('2024-01-02Z'::timestamptz + i * interval '1 s', 'site ' || i) $$;
CREATE FUNCTION standard_id(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT plain.seeded('2024-01-03Z'::timestamptz + i * interval '1 s', 'standard ' || i) $$;
CREATE FUNCTION clause_id(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT plain.seeded('2024-02-01Z'::timestamptz + i * interval '10 ms', 'clause ' || i) $$;

INSERT INTO users (id, email, name, role, status, created_at, updated_at)
SELECT user_id(i), 'user' || i || '@bench.example',
  (array['Zoë Müller', 'João Núñez', 'Anna O''Brien', 'Łukasz "Luk" Żak', 'Mei Chen'])[1 + i % 5]
    || ' ' || i,
  CASE i WHEN 1 THEN 'OWNER' ELSE (array['AUDITOR', 'EMPLOYEE', 'PROCESS_OWNER'])[1 + i % 3] END,
  'ACTIVE', '2024-01-01Z'::timestamptz + i * interval '1 s',
  '2024-01-01Z'::timestamptz + i * interval '1 s'
FROM generate_series(1, 200) i;

INSERT INTO sites (id, code, name, country, parent_id, created_at, created_by_id, updated_at)
SELECT site_id(i), 'S' || lpad(i::text, 3, '0'), 'Plant ' || i, 'DE',
  CASE WHEN i > 5 THEN site_id(1 + i % 5) END, at, user_id(1), at
FROM generate_series(1, 20) i, LATERAL (SELECT '2024-01-02Z'::timestamptz + i * interval '1 s' AS at);

INSERT INTO standards (id, family_code, edition, title, kind, origin, status, published_on,
  created_at, created_by_id, updated_at, updated_by_id)
SELECT standard_id(i), 'STD' || lpad(i::text, 5, '0'), (2010 + i % 15)::text,
  'Standard ' || i || ' of "managed" systems, §' || i % 90, 'MSS', 'OWN', 'ACTIVE',
  date '2010-01-01' + i % 5000, at, user_id(1 + i % 200), at, user_id(1 + i * 7 % 200)
FROM generate_series(1, 100 * :scale) i,
  LATERAL (SELECT '2024-01-03Z'::timestamptz + i * interval '1 s' AS at);

-- Of each standard ten chapters of four sections, which hold what is left of twenty clauses.
INSERT INTO clauses (id, standard_id, parent_id, number, sort_key, title, summary, depth,
  is_requirement, theme, withdrawn_at, created_at, created_by_id, updated_at, updated_by_id)
SELECT clause_id(i), standard_id(1 + (i - 1) / 200),
  CASE WHEN place = 0 THEN NULL WHEN part = 0 THEN clause_id(i - place)
    ELSE clause_id(i - part) END,
  concat_ws('.', chapter, nullif(section, 0), nullif(part, 0)),
  concat_ws('.', lpad(chapter::text, 2, '0'), lpad(nullif(section, 0)::text, 2, '0'),
    lpad(nullif(part, 0)::text, 2, '0')),
  'Clause ' || i || ' on documented information – “control”',
  'What to look for in clause ' || i || ': the people named as "responsible" know their part, '
    || 'größere Änderungen are approved before use, and every record can be found again '
    || repeat('within days, ', plain.dice('length ' || i, 4)) || 'naïve or not \ № ' || i % 977,
  (section > 0)::int + (part > 0)::int, true,
  (array['CONTEXT', 'LEADERSHIP', 'OPERATION', 'MONITORING', 'IMPROVEMENT', NULL])[1 + i % 6],
  CASE WHEN i % 50 = 0 THEN at + interval '90 days' END,
  at, user_id(1 + i % 200), at + interval '30 days', user_id(1 + i * 13 % 200)
FROM generate_series(1, 20000 * :scale) i,
  LATERAL (SELECT '2024-02-01Z'::timestamptz + i * interval '10 ms' AS at,
    (i - 1) % 200 / 20 + 1 chapter, (i - 1) % 20 place),
  LATERAL (SELECT CASE WHEN place = 0 THEN 0 ELSE (place - 1) / 5 + 1 END section,
    CASE WHEN place = 0 THEN 0 ELSE (place - 1) % 5 END part);

-- Five for each of the first twenty clauses of fifty standards, the others spread evenly.
INSERT INTO clause_assessments (id, clause_id, site_id, owner_id, is_applicable, justification,
  implementation, conformity, maturity, target_on, assessed_at, created_at, created_by_id,
  updated_at, updated_by_id)
SELECT seeded('2024-06-01Z'::timestamptz + i * interval '10 ms', 'assessment ' || i),
  clause_id(clause), CASE WHEN site > 0 THEN site_id(site) END,
  CASE WHEN i % 11 > 0 THEN user_id(1 + i * 17 % 200) END, true,
  'Seen on site by "' || (array['Ärzte', 'Œuvre', 'Ångström'])[1 + i % 3] || '", sample '
    || i || '; the procedure is followed as written',
  (array['NOT_STARTED', 'PLANNED', 'PARTIAL', 'IMPLEMENTED'])[1 + dice('done ' || i, 4)],
  (array['NOT_ASSESSED', 'CONFORM', 'MINOR_GAP', 'MAJOR_GAP'])[1 + dice('met ' || i, 4)],
  nullif(i % 7, 6), CASE WHEN i % 3 > 0 THEN date '2025-01-01' + i % 700 END,
  '2024-07-01Z'::timestamptz + (i::bigint * 7919 % (40000 * :scale)) * interval '10 s',
  at, user_id(1 + i % 200), at, user_id(1 + i * 3 % 200)
FROM generate_series(1, 40000 * :scale) i,
  LATERAL (SELECT '2024-06-01Z'::timestamptz + i * interval '10 ms' AS at, i - 5001 further,
    20000 * :scale - 1000 others),
  LATERAL (SELECT
    CASE WHEN i <= 5000 THEN 1 + (i - 1) / 100 * 200 + (i - 1) % 20
      WHEN further % others < 9000
        THEN 1 + further % others / 180 * 200 + 20 + further % others % 180
      ELSE 1 + further % others + 1000 END clause,
    CASE WHEN i <= 5000 THEN 1 + (i - 1) % 100 / 20 ELSE further / others END site);

CREATE INDEX ON sites (parent_id);
CREATE INDEX ON clauses (standard_id, sort_key);
CREATE INDEX ON clauses (parent_id);
CREATE INDEX ON clause_assessments (clause_id, assessed_at, id);
CREATE INDEX ON clause_assessments (site_id);
CREATE INDEX ON clause_assessments (owner_id);
CREATE INDEX ON clause_assessments (assessed_at, id);
CREATE INDEX ON clause_assessments (conformity, implementation, assessed_at, id);
CREATE INDEX ON findings (site_id);
CREATE INDEX ON findings (owner_id);
CREATE INDEX ON findings (status, detected_on, id);

-- Nobody signs in to the peers: what is made without a name is made by the first user.
SELECT format('ALTER TABLE findings ALTER %I SET DEFAULT %L', author, user_id(1))
FROM unnest(array['created_by_id', 'updated_by_id']) author \gexec
