'use strict'
// A create that writes what the product writes, in two forms.
// `inSteps`: four round trips, which is how a team would write it whose mutations share the code of
// the trail: begin; key and counter; the rows and the trail; commit. The payload that is hashed is
// made between the second and the third; the head is locked for the last two.
// `atOnce`: the statement of raw SQL, the least that can be sent.
// Both lock in the product's order: key, counter, head.
const { createHash, randomUUID } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { Pool } = require('pg')

const pool = new Pool({ max: 10 })

const PREFIXES = { MAJOR: 'NC', MINOR: 'NC', OBSERVATION: 'OBS', OFI: 'OFI', GOOD_PRACTICE: 'GP' }
const RETURNED = 'id, reference, title, status, site_id AS "siteId", created_by_id AS "createdById"'

const TAKE = `
  WITH key AS (
    INSERT INTO idempotency_keys
      (organization_id, user_id, key, fingerprint, record_id, created_at)
    VALUES ($1, $2, $3, $4, uuidv7(), $5)
    ON CONFLICT DO NOTHING
    RETURNING record_id
  ), counter AS (
    INSERT INTO reference_counters AS c (organization_id, prefix, year, taken)
    SELECT $1, $6, $7, 1 FROM key
    ON CONFLICT (organization_id, prefix, year) DO UPDATE SET taken = c.taken + 1
    RETURNING taken
  )
  SELECT record_id AS id, taken FROM key, counter`

const WRITE = `
  WITH finding AS (
    INSERT INTO findings (organization_id, id, version, created_at, created_by_id, updated_at,
      updated_by_id, reference, grade, source_type, status, title, statement, severity,
      detected_on, is_systemic, reopen_count, site_id, detected_by_id)
    VALUES ($1, $2, 1, $3, $4, $3, $4, $5, $6, $7, 'DRAFT', $8, $9, $10, $11, false, 0, $12, $4)
    RETURNING ${RETURNED}
  ), event AS (
    INSERT INTO status_events (organization_id, id, entity, entity_id, to_status, action, at, by_id)
    VALUES ($1, uuidv7(), 'findings', $2, 'DRAFT', 'findingCreate', $3, $4)
  ), head AS MATERIALIZED (
    SELECT seq, hash, outbox_position FROM audit_heads WHERE organization_id = $1 FOR UPDATE
  ), entry AS (
    INSERT INTO audit_entries (organization_id, seq, at, actor_id, action, entity, entity_id,
      entity_version, changes, request_id, payload, previous_hash, hash)
    SELECT $1, seq + 1, $3, $4, 'findingCreate', 'findings', $2, 1, $13, $14, $15, hash,
      sha256('qgp-audit-v1'::bytea || uuid_send($1) || int8send(seq + 1) || hash
        || convert_to($15, 'UTF8'))
    FROM head
    RETURNING seq, hash
  ), outbox AS (
    INSERT INTO outbox_events (organization_id, position, recorded_at, id, at, name, entity,
      entity_id, entity_version, actor_id, action, data)
    SELECT $1, outbox_position + 1, clock_timestamp(), uuidv7(), $3, 'finding.created', 'findings',
      $2, 1, $4, 'findingCreate', jsonb_build_object('reference', $5::text, 'to', 'DRAFT')
    FROM head
  ), moved AS (
    UPDATE audit_heads
    SET seq = entry.seq, hash = entry.hash, outbox_position = outbox_position + 1
    FROM entry WHERE organization_id = $1
  )
  SELECT * FROM finding`

const AT_ONCE =
  fs.readFileSync(path.join(__dirname, 'create.sql'), 'utf8') + `SELECT ${RETURNED} FROM finding`

const REPEAT = `
  SELECT ${RETURNED.replace('id', 'f.id')} FROM idempotency_keys k
  JOIN findings f ON f.organization_id = k.organization_id AND f.id = k.record_id
  WHERE k.organization_id = $1 AND k.user_id = $2 AND k.key = $3 AND k.fingerprint = $4`

// JSON as RFC 8785 has it; numbers are integers.
const canonical = value => JSON.stringify(value, (_, inner) =>
  inner && typeof inner === 'object' && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
    : inner)

// What the entry tells of a new row: each column that has a value.
const created = row => Object.fromEntries(
  Object.entries(row).filter(([, value]) => value != null).map(([name, value]) => [name, [null, value]]))

const requestId = () => randomUUID().replaceAll('-', '')

// The rows and the trail; `at` is the instant of the create, `taken` the number of the counter.
const write = async (client, { organization, user }, input, at, { id, taken }) => {
  const reference =
    `${PREFIXES[input.grade]}-${at.getUTCFullYear()}-${String(taken).padStart(4, '0')}`
  const [instant, day] = [at.toISOString().replace('Z', '000+00:00'), at.toISOString().slice(0, 10)]
  const request = requestId()
  const changes = created({
    organization_id: organization, id, reference, grade: input.grade,
    source_type: input.sourceType, status: 'DRAFT', title: input.title,
    statement: input.statement, severity: input.severity, detected_on: day, is_systemic: false,
    reopen_count: 0, site_id: input.siteId, detected_by_id: user
  })
  const payload = canonical({
    at: instant, actor_id: user, action: 'findingCreate', entity: 'findings', entity_id: id,
    entity_version: 1, changes, reason: null, request_id: request
  })
  const values = [
    organization, id, instant, user, reference, input.grade, input.sourceType, input.title,
    input.statement ?? null, input.severity ?? null, day, input.siteId ?? null,
    JSON.stringify(changes), request, payload
  ]
  return (await client.query({ name: 'write', text: WRITE, values })).rows[0]
}

const useOf = ({ organization, user }, input) => {
  const fingerprint = createHash('sha256').update(canonical(input)).digest()
  return [organization, user, input.idempotencyKey, fingerprint]
}

// Both return the finding; undefined where the key has been used with another input.
const inSteps = async (caller, input) => {
  const [at, use] = [new Date(), useOf(caller, input)]
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const counted = [...use, at, PREFIXES[input.grade], at.getUTCFullYear()]
    const [taken] = (await client.query({ name: 'take', text: TAKE, values: counted })).rows
    const finding = taken
      ? await write(client, caller, input, at, taken)
      : (await client.query({ name: 'repeat', text: REPEAT, values: use })).rows[0]
    await client.query('COMMIT')
    return finding
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

const atOnce = async (caller, input) => {
  const use = useOf(caller, input)
  const values = [
    ...use, requestId(), PREFIXES[input.grade], input.title, input.grade, input.sourceType,
    input.statement ?? null, input.severity ?? null, input.siteId ?? null
  ]
  const [created] = (await pool.query({ name: 'create', text: AT_ONCE, values })).rows
  return created ?? (await pool.query({ name: 'repeat', text: REPEAT, values: use })).rows[0]
}

const byIds = async (table, columns, organization, ids) =>
  (await pool.query({
    name: table,
    text: `SELECT ${columns} FROM ${table} WHERE organization_id = $1 AND id = ANY($2::uuid[])`,
    values: [organization, ids]
  })).rows

module.exports = { inSteps, atOnce, byIds }
