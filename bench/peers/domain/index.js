'use strict'
const fs = require('node:fs')
const path = require('node:path')

const typeDefs = fs.readFileSync(path.join(__dirname, 'schema.graphql'), 'utf8')
module.exports = { typeDefs, ...require('./resolvers'), ...require('./loaders') }
