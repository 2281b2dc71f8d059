'use strict'
// One set of dataloaders for each request.
const DataLoader = require('dataloader')
const rows = require('./rows')

const inOrder = (found, ids) => {
  const byId = new Map(found.map(row => [row.id, row]))
  return ids.map(id => byId.get(id) ?? null)
}

const grouped = (found, ids, parent) => {
  const groups = new Map(ids.map(id => [id, []]))
  for (const row of found) groups.get(row[parent]).push(row)
  return ids.map(id => groups.get(id))
}

const one = table => new DataLoader(async ids => inOrder(await rows.byIds(table, ids), ids))

// A loader for each page size that the document asks for.
const many = (table, column, parent, order) => {
  const sizes = new Map()
  return first => {
    if (!sizes.has(first)) {
      sizes.set(first, new DataLoader(async ids =>
        grouped(await rows.below(table, column, order, ids, first), ids, parent)))
    }
    return sizes.get(first)
  }
}

const loaders = () => ({
  users: one('users'),
  sites: one('sites'),
  clauses: one('clauses'),
  clausesOf: many('clauses', 'standard_id', 'standardId', 'sort_key, id'),
  assessmentsOf: many('clause_assessments', 'clause_id', 'clauseId', 'assessed_at, id'),
  assessments: one('clause_assessments')
})

module.exports = { loaders, inOrder, grouped }
