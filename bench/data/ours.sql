-- The plain rows copied into the product's tables for one organization, the first :standards of
-- them for a second one. Written past the triggers: the trail tells nothing of these rows.
SET session_replication_role = replica;

CREATE FUNCTION plain.own(id uuid, second boolean) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN second THEN overlay(id::text PLACING 'bbbb' FROM 20)::uuid ELSE id END $$;

CREATE TEMP TABLE tenants AS VALUES (:'first'::uuid, false), (:'second'::uuid, true);
ALTER TABLE tenants RENAME COLUMN column1 TO tenant;
ALTER TABLE tenants RENAME COLUMN column2 TO second;

INSERT INTO organizations (organization_id, id, name, slug, time_zone, locale, currency, status,
  version, created_at, updated_at)
SELECT tenant, tenant, 'Another company', 'another', 'UTC', 'en', 'EUR', 'ACTIVE', 1, now(), now()
FROM tenants WHERE second;

INSERT INTO accounts (id, email, created_at)
SELECT plain.own(id, second), CASE WHEN second THEN 'b-' ELSE '' END || email, created_at
FROM plain.users, tenants ON CONFLICT (email) DO NOTHING;

INSERT INTO users (organization_id, id, account_id, email, name, role, status, access_version,
  version, created_at, updated_at)
SELECT tenant, plain.own(u.id, second), a.id, a.email, u.name, u.role, u.status, 1,
  u.version, u.created_at, u.updated_at
FROM plain.users u CROSS JOIN tenants
JOIN accounts a ON a.email = CASE WHEN second THEN 'b-' ELSE '' END || u.email
ON CONFLICT (organization_id, id) DO NOTHING;

INSERT INTO sites (organization_id, id, code, name, country, parent_id,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, second), code, name, country, plain.own(parent_id, second),
  version, created_at, plain.own(created_by_id, second), updated_at,
  plain.own(updated_by_id, second)
FROM plain.sites, tenants;

INSERT INTO standards (organization_id, id, family_code, edition, title, kind, origin, status,
  published_on, version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, second), family_code, edition, title, kind, origin, status,
  published_on, version, created_at, plain.own(created_by_id, second), updated_at,
  plain.own(updated_by_id, second)
FROM plain.standards, tenants
WHERE NOT second OR id <= plain.standard_id(:standards);

INSERT INTO clauses (organization_id, id, standard_id, parent_id, number, sort_key, title, summary,
  depth, is_requirement, theme, control_types, security_properties, withdrawn_at,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(id, second), plain.own(standard_id, second), plain.own(parent_id, second),
  number, sort_key, title, summary, depth, is_requirement, theme, '{}', '{}', withdrawn_at,
  version, created_at, plain.own(created_by_id, second), updated_at,
  plain.own(updated_by_id, second)
FROM plain.clauses, tenants
WHERE NOT second OR standard_id <= plain.standard_id(:standards);

INSERT INTO clause_assessments (organization_id, id, clause_id, site_id, owner_id, is_applicable,
  justification, justification_basis, implementation, conformity, maturity, target_on, assessed_at,
  version, created_at, created_by_id, updated_at, updated_by_id)
SELECT tenant, plain.own(a.id, second), plain.own(a.clause_id, second),
  plain.own(a.site_id, second), plain.own(a.owner_id, second), a.is_applicable, a.justification,
  '{}', a.implementation, a.conformity, a.maturity, a.target_on, a.assessed_at,
  a.version, a.created_at, plain.own(a.created_by_id, second), a.updated_at,
  plain.own(a.updated_by_id, second)
FROM plain.clause_assessments a JOIN plain.clauses c ON c.id = a.clause_id, tenants
WHERE NOT second OR c.standard_id <= plain.standard_id(:standards);
