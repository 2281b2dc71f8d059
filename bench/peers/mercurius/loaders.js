'use strict'
// Mercurius with its JIT compiler and its own loaders, which batch by field.
const { fastify } = require('fastify')
const mercurius = require('mercurius')
const { typeDefs, resolvers, inOrder, grouped } = require('../domain')
const rows = require('../domain/rows')

const one = (table, key) => async queries => {
  const ids = queries.map(({ obj }) => obj[key])
  const known = [...new Set(ids.filter(Boolean))]
  return inOrder(known.length ? await rows.byIds(table, known) : [], ids)
}

const many = (table, column, parent, order) => async queries => {
  const ids = queries.map(({ obj }) => obj.id)
  const found = await rows.below(table, column, order, ids, queries[0].params.first)
  return grouped(found, ids, parent).map(nodes => ({ nodes }))
}

// Each batch is of one request; a cache beside it costs more than it saves.
const uncached = loader => ({ loader, opts: { cache: false } })

const relations = {
  Standard: { clauses: uncached(many('clauses', 'standard_id', 'standardId', 'sort_key, id')) },
  Clause: {
    parent: uncached(one('clauses', 'parentId')),
    updatedBy: uncached(one('users', 'updatedById')),
    assessments: uncached(many('clause_assessments', 'clause_id', 'clauseId', 'assessed_at, id'))
  },
  ClauseAssessment: {
    clause: uncached(one('clauses', 'clauseId')),
    owner: uncached(one('users', 'ownerId'))
  },
  Finding: {
    site: uncached(one('sites', 'siteId')),
    createdBy: uncached(one('users', 'createdById'))
  }
}

const clauseAssessment = async (_, { by }) =>
  (await rows.byIds('clause_assessments', [by.id]))[0] ?? null

const app = fastify()
app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...resolvers, Query: { ...resolvers.Query, clauseAssessment } },
  loaders: relations,
  jit: 1
})
app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
