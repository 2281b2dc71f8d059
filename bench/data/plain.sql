-- The tables as the other servers would have them: one key column, no organization, no walls.
CREATE SCHEMA plain;
CREATE ROLE peer LOGIN;
ALTER ROLE peer SET search_path = plain;
SET search_path = plain;

CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  status text NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users
);

CREATE TABLE sites (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  country text,
  parent_id uuid REFERENCES sites,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users
);

CREATE TABLE standards (
  id uuid PRIMARY KEY,
  family_code text NOT NULL,
  edition text NOT NULL,
  code text NOT NULL GENERATED ALWAYS AS (family_code || ':' || edition) STORED UNIQUE,
  title text NOT NULL,
  kind text NOT NULL,
  origin text NOT NULL,
  status text NOT NULL,
  published_on date,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users
);

CREATE TABLE clauses (
  id uuid PRIMARY KEY,
  standard_id uuid NOT NULL REFERENCES standards,
  parent_id uuid REFERENCES clauses,
  number text NOT NULL,
  sort_key text COLLATE "C" NOT NULL,
  title text NOT NULL,
  summary text,
  depth int NOT NULL,
  is_requirement boolean NOT NULL,
  theme text,
  withdrawn_at timestamptz,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users,
  UNIQUE (standard_id, number)
);

CREATE TABLE clause_assessments (
  id uuid PRIMARY KEY,
  clause_id uuid NOT NULL REFERENCES clauses,
  site_id uuid REFERENCES sites,
  owner_id uuid REFERENCES users,
  is_applicable boolean NOT NULL,
  justification text,
  implementation text NOT NULL,
  conformity text NOT NULL,
  maturity int,
  target_on date,
  assessed_at timestamptz NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users,
  UNIQUE NULLS NOT DISTINCT (clause_id, site_id)
);

CREATE SEQUENCE finding_numbers;

CREATE FUNCTION next_reference() RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT format('NC-%s-%s', extract(year FROM now()), lpad(number, greatest(4, length(number)), '0'))
   FROM CAST(nextval('plain.finding_numbers') AS text) number $$;

CREATE TABLE findings (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  reference text NOT NULL UNIQUE DEFAULT plain.next_reference(),
  title text NOT NULL,
  grade text NOT NULL,
  source_type text NOT NULL,
  status text NOT NULL DEFAULT 'DRAFT',
  statement text,
  severity int,
  detected_on date NOT NULL DEFAULT current_date,
  site_id uuid REFERENCES sites,
  owner_id uuid REFERENCES users,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by_id uuid REFERENCES users,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by_id uuid REFERENCES users
);

GRANT USAGE ON SCHEMA plain TO peer;
GRANT USAGE ON SEQUENCE finding_numbers TO peer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plain TO peer;

-- Tells a text's place among so many, the same in every run.
CREATE FUNCTION dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT (('x' || substr(md5(seed), 1, 7))::bit(28)::int % sides) $$;

-- An id of version 7 whose chance is the seed's.
CREATE FUNCTION seeded(at timestamptz, seed text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
           || '7' || substr(md5(seed), 1, 3) || '8' || substr(md5(seed), 4, 15))::uuid $$;
