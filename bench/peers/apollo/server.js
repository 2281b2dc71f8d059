'use strict'
// Apollo Server 5 with the dataloader package.
const { ApolloServer } = require('@apollo/server')
const { startStandaloneServer } = require('@apollo/server/standalone')
const { typeDefs, resolvers, relations, loaders } = require('../domain')

const server = new ApolloServer({ typeDefs, resolvers: { ...resolvers, ...relations } })
startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
  context: async () => ({ loaders: loaders() })
})
