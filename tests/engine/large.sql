-- What one organization has when it has grown: ten standards of a thousand clauses, an assessment
-- of each, and two mappings between neighbours. The walls and the trail are left out.
SET LOCAL session_replication_role = replica;

INSERT INTO standards (organization_id, id, version, created_at, updated_at, family_code, edition,
  title, kind, origin, status)
SELECT :organization, gen_random_uuid(), 1, now(), now(), 'L' || i, '1', 'Standard ' || i,
  'SCHEME', 'OWN', 'ACTIVE'
FROM generate_series(1, 10) i;

INSERT INTO clauses (organization_id, id, version, created_at, updated_at, standard_id, number,
  sort_key, title, depth, is_requirement, control_types, security_properties)
SELECT :organization, gen_random_uuid(), 1, now(), now(), id, i::text, lpad(i::text, 5, '0'),
  'Clause ' || i, 0, true, '{}', '{}'
FROM standards, generate_series(1, 1000) i WHERE organization_id = :organization;

UPDATE clauses SET parent_id = above.id, depth = 1
FROM clauses above
WHERE above.organization_id = clauses.organization_id AND above.standard_id = clauses.standard_id
  AND above.number = (clauses.number::int / 10)::text AND clauses.organization_id = :organization;

INSERT INTO clause_assessments (organization_id, id, version, created_at, updated_at, clause_id,
  is_applicable, justification_basis, implementation, conformity, assessed_at)
SELECT organization_id, gen_random_uuid(), 1, now(), now(), id, true, '{}',
  (array['NOT_STARTED', 'PLANNED', 'PARTIAL', 'IMPLEMENTED'])[1 + number::int % 4],
  (array['NOT_ASSESSED', 'CONFORM', 'MINOR_GAP', 'MAJOR_GAP'])[1 + number::int / 4 % 4],
  timestamptz '2026-01-01Z' + number::int * interval '1 min'
FROM clauses WHERE organization_id = :organization;

INSERT INTO clause_mappings (organization_id, id, version, created_at, updated_at, relation,
  strength, basis, status, from_standard_id, to_standard_id, from_clause_id, to_clause_id)
SELECT one.organization_id, gen_random_uuid(), 1, now(), now(), 'INTERSECT', 50, 'THEME', 'PROPOSED',
  one.standard_id, other.standard_id, one.id, other.id
FROM clauses one JOIN clauses other ON other.organization_id = one.organization_id
  AND other.standard_id = one.standard_id
  AND other.number::int IN (one.number::int + 1, one.number::int + 2)
WHERE one.organization_id = :organization;
