'use strict'
// The resolvers that the servers with dataloaders share; the context holds `loaders`.
const { GraphQLScalarType } = require('graphql')
const rows = require('./rows')

const FOREIGN_KEY_VIOLATION = '23503'

const DateTime = new GraphQLScalarType({ name: 'DateTime', serialize: value => value.toISOString() })

const cursor = row =>
  Buffer.from(`${row.assessedAt.toISOString()} ${row.id}`).toString('base64url')

// Page and total are asked for at the same time, each only where the document wants it.
const filtered = ({ first, filter }) => {
  const values = [filter?.conformity?.eq ?? null, filter?.implementation?.eq ?? null]
  let page
  return {
    page: () => (page ??= rows.assessments(values, first + 1).then(found => ({
      nodes: found.slice(0, first),
      more: found.length > first
    }))),
    total: () => rows.countAssessments(values)
  }
}

const findingCreate = async (_, { input }) => {
  try {
    return { finding: await rows.addFinding(input), errors: [] }
  } catch (error) {
    if (error.code !== FOREIGN_KEY_VIOLATION) throw error
    return { finding: null, errors: [{ message: 'There is no such site.' }] }
  }
}

const resolvers = {
  DateTime,
  Query: {
    standards: async (_, { first }) => ({ nodes: await rows.standards(first) }),
    clauses: async (_, { first }) => ({ nodes: await rows.clauses(first) }),
    clauseAssessment: (_, { by }, { loaders }) => loaders.assessments.load(by.id),
    clauseAssessments: (_, given) => filtered(given)
  },
  Mutation: { findingCreate },
  ClauseAssessmentConnection: {
    nodes: list => list.nodes ?? list.page().then(({ nodes }) => nodes),
    edges: async list =>
      (await list.page()).nodes.map(node => ({ cursor: cursor(node), node })),
    pageInfo: async list => {
      const { nodes, more } = await list.page()
      return { hasNextPage: more, endCursor: nodes.length ? cursor(nodes.at(-1)) : null }
    },
    totalCount: list => list.total()
  }
}

const relations = {
  Standard: {
    clauses: async (standard, { first }, { loaders }) =>
      ({ nodes: await loaders.clausesOf(first).load(standard.id) })
  },
  Clause: {
    parent: (clause, _, { loaders }) => clause.parentId && loaders.clauses.load(clause.parentId),
    updatedBy: (clause, _, { loaders }) =>
      clause.updatedById && loaders.users.load(clause.updatedById),
    assessments: async (clause, { first }, { loaders }) =>
      ({ nodes: await loaders.assessmentsOf(first).load(clause.id) })
  },
  ClauseAssessment: {
    clause: (assessment, _, { loaders }) => loaders.clauses.load(assessment.clauseId),
    owner: (assessment, _, { loaders }) =>
      assessment.ownerId && loaders.users.load(assessment.ownerId)
  },
  Finding: {
    site: (finding, _, { loaders }) => finding.siteId && loaders.sites.load(finding.siteId),
    createdBy: (finding, _, { loaders }) =>
      finding.createdById && loaders.users.load(finding.createdById)
  }
}

module.exports = { resolvers, relations }
