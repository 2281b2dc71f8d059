'use strict'
// GraphQL Yoga with graphql-jit and the dataloader package.
const { createServer } = require('node:http')
const { createSchema, createYoga } = require('graphql-yoga')
const { useGraphQlJit } = require('@envelop/graphql-jit')
const { typeDefs, resolvers, relations, loaders } = require('../domain')

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers: { ...resolvers, ...relations } }),
  context: () => ({ loaders: loaders() }),
  plugins: [useGraphQlJit()],
  graphiql: false,
  logging: false
})
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
