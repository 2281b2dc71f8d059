-- A finding and what the product writes with it, in one statement: idempotency key, reference,
-- finding, status event, entry of the hash chain, event of the outbox, head. No row where the key is taken.
-- Locks in the product's order: key, counter, head.
WITH input AS MATERIALIZED (
  SELECT $1::uuid AS organization_id, $2::uuid AS user_id, $3::text AS key,
    $4::bytea AS fingerprint, $5::text AS request_id, $6::text AS prefix, $7::text AS title,
    $8::text AS grade, $9::text AS source_type, $10::text AS statement, $11::int AS severity,
    $12::uuid AS site_id, uuidv7() AS id, statement_timestamp() AS at
), key AS (
  INSERT INTO idempotency_keys (organization_id, user_id, key, fingerprint, record_id, created_at)
  SELECT organization_id, user_id, key, fingerprint, id, at FROM input
  ON CONFLICT DO NOTHING
  RETURNING record_id
), counter AS (
  INSERT INTO reference_counters AS c (organization_id, prefix, year, taken)
  SELECT organization_id, prefix, extract(year FROM at AT TIME ZONE 'UTC'), 1
  FROM input JOIN key ON key.record_id = input.id
  ON CONFLICT (organization_id, prefix, year) DO UPDATE SET taken = c.taken + 1
  RETURNING c.prefix || '-' || c.year || '-'
    || lpad(c.taken::text, greatest(4, length(c.taken::text)), '0') AS reference
), finding AS (
  INSERT INTO findings (organization_id, id, version, created_at, created_by_id, updated_at,
    updated_by_id, reference, grade, source_type, status, title, statement, severity, detected_on,
    is_systemic, reopen_count, site_id, detected_by_id)
  SELECT organization_id, id, 1, at, user_id, at, user_id, reference, grade, source_type, 'DRAFT',
    title, statement, severity, (at AT TIME ZONE 'UTC')::date, false, 0, site_id, user_id
  FROM input, counter
  RETURNING organization_id, id, created_at, created_by_id, reference, grade, source_type, status,
    title, statement, severity, detected_on, site_id
), event AS (
  INSERT INTO status_events (organization_id, id, entity, entity_id, to_status, action, at, by_id)
  SELECT organization_id, uuidv7(), 'findings', id, status, 'findingCreate', created_at,
    created_by_id
  FROM finding
), changes AS (
  -- Canonical JSON (RFC 8785): sorted, without the columns that are null.
  SELECT id AS finding_id, concat(
    '{"detected_by_id":[null,"', created_by_id, '"],"detected_on":[null,"', detected_on,
    '"],"grade":[null,"', grade, '"],"id":[null,"', id,
    '"],"is_systemic":[null,false],"organization_id":[null,"', organization_id,
    '"],"reference":[null,"', reference, '"],"reopen_count":[null,0],',
    '"severity":[null,' || severity || '],', '"site_id":[null,"' || site_id || '"],',
    '"source_type":[null,"', source_type, '"],',
    '"statement":[null,' || to_json(statement)::text || '],',
    '"status":[null,"', status, '"],"title":[null,', to_json(title), ']}') AS changes
  FROM finding
), payload AS (
  SELECT finding_id, changes, concat('{"action":"findingCreate","actor_id":"', user_id, '","at":"',
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '+00:00","changes":', changes,
    ',"entity":"findings","entity_id":"', finding_id,
    '","entity_version":1,"reason":null,"request_id":', to_json(request_id), '}') AS payload
  FROM input, changes
), head AS MATERIALIZED (
  SELECT seq, hash, outbox_position FROM audit_heads
  WHERE organization_id = $1 AND EXISTS (SELECT FROM finding)
  FOR UPDATE
), entry AS (
  INSERT INTO audit_entries (organization_id, seq, at, actor_id, action, entity, entity_id,
    entity_version, changes, request_id, payload, previous_hash, hash)
  SELECT organization_id, seq + 1, at, user_id, 'findingCreate', 'findings', finding_id, 1,
    changes::jsonb, request_id, payload, hash,
    sha256('qgp-audit-v1'::bytea || uuid_send(organization_id) || int8send(seq + 1) || hash
      || convert_to(payload, 'UTF8'))
  FROM input, payload, head
  RETURNING seq, hash
), outbox AS (
  INSERT INTO outbox_events (organization_id, position, recorded_at, id, at, name, entity,
    entity_id, entity_version, actor_id, action, data)
  SELECT input.organization_id, outbox_position + 1, clock_timestamp(), uuidv7(), at,
    'finding.created', 'findings', finding.id, 1, user_id, 'findingCreate',
    jsonb_build_object('reference', reference, 'to', status)
  FROM input, finding, head
), moved AS (
  UPDATE audit_heads
  SET seq = entry.seq, hash = entry.hash, outbox_position = outbox_position + 1
  FROM entry WHERE organization_id = $1
)
