-- What one organization has when it has grown: five standards of a thousand clauses, an assessment
-- of each, and two mappings between neighbours. The walls and the trail are left out.
SET LOCAL session_replication_role = replica;

CREATE FUNCTION pg_temp.id(kind text, standard int, clause int) RETURNS uuid LANGUAGE sql AS
$$ SELECT md5(concat_ws(' ', :organization, kind, standard, clause))::uuid $$;

INSERT INTO standards (organization_id, id, version, created_at, updated_at, family_code, edition,
  title, kind, origin, status)
SELECT :organization, pg_temp.id('standard', s, 0), 1, now(), now(), 'L' || s, '1',
  'Standard ' || s, 'SCHEME', 'OWN', 'ACTIVE'
FROM generate_series(1, 5) s;

INSERT INTO clauses (organization_id, id, version, created_at, updated_at, standard_id, parent_id,
  number, sort_key, title, depth, is_requirement, control_types, security_properties)
SELECT :organization, pg_temp.id('clause', s, c), 1, now(), now(), pg_temp.id('standard', s, 0),
  CASE WHEN c >= 10 THEN pg_temp.id('clause', s, c / 10) END, c::text, lpad(c::text, 5, '0'),
  'Clause ' || c, length(c::text) - 1, true, '{}', '{}'
FROM generate_series(1, 5) s, generate_series(1, 1000) c;

INSERT INTO clause_assessments (organization_id, id, version, created_at, updated_at, clause_id,
  is_applicable, justification_basis, implementation, conformity, assessed_at)
SELECT :organization, pg_temp.id('assessment', s, c), 1, now(), now(),
  pg_temp.id('clause', s, c), true, '{}',
  (array['NOT_STARTED', 'PLANNED', 'PARTIAL', 'IMPLEMENTED'])[1 + c % 4],
  (array['NOT_ASSESSED', 'CONFORM', 'MINOR_GAP', 'MAJOR_GAP'])[1 + c / 4 % 4],
  timestamptz '2026-01-01Z' + c * interval '1 min'
FROM generate_series(1, 5) s, generate_series(1, 1000) c;

INSERT INTO clause_mappings (organization_id, id, version, created_at, updated_at, relation,
  strength, basis, status, from_standard_id, to_standard_id, from_clause_id, to_clause_id)
SELECT :organization, pg_temp.id('mapping ' || further, s, c), 1, now(), now(), 'INTERSECT', 50,
  'THEME', 'PROPOSED', pg_temp.id('standard', s, 0), pg_temp.id('standard', s, 0),
  pg_temp.id('clause', s, c), pg_temp.id('clause', s, c + further)
FROM generate_series(1, 5) s, generate_series(1, 998) c, generate_series(1, 2) further;

DROP FUNCTION pg_temp.id;
