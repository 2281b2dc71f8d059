'use strict'
// Mercurius with its JIT compiler and the dataloader package.
const { fastify } = require('fastify')
const mercurius = require('mercurius')
const { typeDefs, resolvers, relations, loaders } = require('../domain')

const app = fastify()
app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...resolvers, ...relations },
  context: () => ({ loaders: loaders() }),
  jit: 1
})
app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
