-- The plain rows copied into the product's tables for one organization, the first :standards of
-- them for a second one; the first user and the sites for all :organizations.
-- Written past the triggers: the trail tells nothing of these rows.
SET session_replication_role = replica;

CREATE FUNCTION plain.own(id uuid, place int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN place = 0 THEN id
  ELSE overlay(id::text PLACING 'bb' || lpad(to_hex(place), 2, '0') FROM 20)::uuid END $$;

CREATE TEMP TABLE tenants AS
SELECT place, overlay(:'first'::text PLACING lpad(to_hex(place + 1), 12, '0') FROM 25)::uuid AS tenant
FROM generate_series(0, :organizations - 1) place;

INSERT INTO organizations (organization_id, id, name, slug, time_zone, locale, currency, status,
  version, created_at, updated_at)
SELECT tenant, tenant, 'Company ' || place, 'bench-' || place, 'UTC', 'en', 'EUR', 'ACTIVE', 1,
  now(), now()
FROM tenants WHERE place > 0;

INSERT INTO audit_heads (organization_id, seq, hash)
SELECT tenant, 0, decode(repeat('00', 32), 'hex') FROM tenants WHERE place > 0;

INSERT INTO accounts (id, email, created_at)
SELECT id, email, created_at FROM plain.users ON CONFLICT (email) DO NOTHING;

INSERT INTO users (organization_id, id, account_id, email, name, role, status, access_version,
  version, created_at, updated_at)
SELECT tenant, plain.own(u.id, place), a.id, a.email, u.name, u.role, u.status, 1,
  u.version, u.created_at, u.updated_at
FROM plain.users u JOIN accounts a ON a.email = u.email CROSS JOIN tenants
WHERE place < 2 OR u.id = plain.user_id(1)
ON CONFLICT (organization_id, id) DO NOTHING;

INSERT INTO sites (organization_id, id, code, name, country, parent_id,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, place), code, name, country, plain.own(parent_id, place),
  version, created_at, plain.own(created_by_id, place), updated_at,
  plain.own(updated_by_id, place)
FROM plain.sites, tenants;

INSERT INTO standards (organization_id, id, family_code, edition, title, kind, origin, status,
  published_on, version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, place), family_code, edition, title, kind, origin, status,
  published_on, version, created_at, plain.own(created_by_id, place), updated_at,
  plain.own(updated_by_id, place)
FROM plain.standards, tenants
WHERE place = 0 OR place = 1 AND id <= plain.standard_id(:standards);

INSERT INTO clauses (organization_id, id, standard_id, parent_id, number, sort_key, title, summary,
  depth, is_requirement, theme, control_types, security_properties, withdrawn_at,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, place), plain.own(standard_id, place), plain.own(parent_id, place),
  number, sort_key, title, summary, depth, is_requirement, theme, '{}', '{}', withdrawn_at,
  version, created_at, plain.own(created_by_id, place), updated_at,
  plain.own(updated_by_id, place)
FROM plain.clauses, tenants
WHERE place = 0 OR place = 1 AND standard_id <= plain.standard_id(:standards);

INSERT INTO clause_assessments (organization_id, id, clause_id, site_id, owner_id, is_applicable,
  justification, justification_basis, implementation, conformity, maturity, target_on, assessed_at,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(a.id, place), plain.own(a.clause_id, place),
  plain.own(a.site_id, place), plain.own(a.owner_id, place), a.is_applicable, a.justification,
  '{}', a.implementation, a.conformity, a.maturity, a.target_on, a.assessed_at,
  a.version, a.created_at, plain.own(a.created_by_id, place), a.updated_at,
  plain.own(a.updated_by_id, place)
FROM plain.clause_assessments a JOIN plain.clauses c ON c.id = a.clause_id, tenants
WHERE place = 0 OR place = 1 AND c.standard_id <= plain.standard_id(:standards);

-- The servers that write the same rows: they hold no walls, and so see every organization.
CREATE ROLE trail_peer LOGIN BYPASSRLS;
GRANT SELECT, INSERT, UPDATE ON findings, reference_counters, status_events, audit_entries,
  audit_heads, idempotency_keys, outbox_events TO trail_peer;
GRANT SELECT ON sites, users TO trail_peer;

-- The trail's ends before anything is measured, to which `Stage.forget` returns.
CREATE SCHEMA bench;
CREATE TABLE bench.heads AS TABLE audit_heads;
