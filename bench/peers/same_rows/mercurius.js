'use strict'
// Mercurius with its JIT compiler and its own loaders over the product's tables: a create writes
// the same rows, `inSteps` or `atOnce`, as the command line says. Whoever asks names organization
// and user in headers, and is believed.
const { fastify } = require('fastify')
const mercurius = require('mercurius')
const { typeDefs, inOrder } = require('../domain')
const findings = require('./findings')

const create = findings[process.argv[2]]
const FOREIGN_KEY_VIOLATION = '23503'
const refused = message => ({ finding: null, errors: [{ message }] })

const findingCreate = async (_, { input }, { caller }) => {
  try {
    const finding = await create(caller, input)
    return finding ? { finding, errors: [] } : refused('The key has been used.')
  } catch (error) {
    if (error.code !== FOREIGN_KEY_VIOLATION) throw error
    return refused('There is no such site.')
  }
}

const one = (table, columns, key) => ({
  loader: async (queries, { caller }) => {
    const ids = queries.map(({ obj }) => obj[key])
    const present = [...new Set(ids.filter(Boolean))]
    const rows = present.length
      ? await findings.byIds(table, columns, caller.organization, present)
      : []
    return inOrder(rows, ids)
  },
  opts: { cache: false }
})

const app = fastify()
app.register(mercurius, {
  schema: `${typeDefs} extend input FindingCreateInput { idempotencyKey: String! }`,
  resolvers: { Mutation: { findingCreate } },
  loaders: {
    Finding: {
      site: one('sites', 'id, code, name', 'siteId'),
      createdBy: one('users', 'id, name, email', 'createdById')
    }
  },
  context: ({ headers }) => ({
    caller: { organization: headers['x-organization'], user: headers['x-user'] }
  }),
  jit: 1
})
app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
