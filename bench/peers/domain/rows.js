'use strict'
// The statements, prepared once on each of ten connections.
const { Pool } = require('pg')

const pool = new Pool({ max: 10 })

const columns = {
  users: 'id, name, email',
  sites: 'id, code, name',
  findings: 'id, reference, title, status, site_id AS "siteId", created_by_id AS "createdById"',
  standards: 'id, code, title, status, created_at AS "createdAt", updated_at AS "updatedAt"',
  clauses: `id, number, title, summary, depth, is_requirement AS "isRequirement", theme,
    withdrawn_at AS "withdrawnAt", created_at AS "createdAt", updated_at AS "updatedAt",
    standard_id AS "standardId", parent_id AS "parentId", updated_by_id AS "updatedById"`,
  clause_assessments: `id, justification, conformity, implementation, assessed_at AS "assessedAt",
    clause_id AS "clauseId", owner_id AS "ownerId"`
}

const select = async (name, text, values) => (await pool.query({ name, text, values })).rows

const byIds = (table, ids) =>
  select(`${table} by id`, `SELECT ${columns[table]} FROM ${table} WHERE id = ANY($1::uuid[])`, [ids])

// The first rows below each of many parents, in one statement.
const below = (table, parent, order, ids, first) =>
  select(
    `${table} below`,
    `SELECT page.* FROM unnest($1::uuid[]) AS above (id) CROSS JOIN LATERAL (
       SELECT ${columns[table]} FROM ${table} WHERE ${parent} = above.id
       ORDER BY ${order} LIMIT $2) page`,
    [ids, first]
  )

const standards = first =>
  select('standards', `SELECT ${columns.standards} FROM standards ORDER BY code LIMIT $1`, [first])

const clauses = first =>
  select(
    'clauses',
    `SELECT ${columns.clauses} FROM clauses ORDER BY standard_id, sort_key, id LIMIT $1`,
    [first]
  )

const conditions = '($1::text IS NULL OR conformity = $1) AND ($2::text IS NULL OR implementation = $2)'

const assessments = (filter, first) =>
  select(
    'assessments',
    `SELECT ${columns.clause_assessments} FROM clause_assessments WHERE ${conditions}
     ORDER BY assessed_at, id LIMIT $3`,
    [...filter, first]
  )

const countAssessments = async filter => {
  const text = `SELECT count(*)::int AS total FROM clause_assessments WHERE ${conditions}`
  return (await select('count assessments', text, filter))[0].total
}

const addFinding = async ({ title, grade, sourceType, statement, severity, siteId }) => {
  const text = `INSERT INTO findings (title, grade, source_type, statement, severity, site_id)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns.findings}`
  const values = [title, grade, sourceType, statement ?? null, severity ?? null, siteId ?? null]
  return (await select('add finding', text, values))[0]
}

module.exports = { byIds, below, standards, clauses, assessments, countAssessments, addFinding }
