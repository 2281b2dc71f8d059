// Lets Apollo Client and urql speak to a running server as they come: urql's queries by GET, and
// the persisted query links of both, which send a hash and then, once, the document.
//
//   node clients.mjs http://127.0.0.1:8000/graphql TOKEN
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';

const [url, token] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

// Notes of each request whether it had a document, by which method it came, and its status.
function recorded() {
  const requests = [];
  const fetchFn = async (address, options) => {
    const sent = new URL(address);
    const document = options.body ? JSON.parse(options.body).query : sent.searchParams.get('query');
    const response = await fetch(address, options);
    requests.push(`${options.method ?? 'GET'} ${document ? 'document' : 'hash'}`);
    return response;
  };
  return { requests, fetchFn };
}

async function apollo(name, useGETForHashedQueries) {
  const { requests, fetchFn } = recorded();
  const query = gql(`query ${name} { viewer { user { email } } }`);
  for (let turn = 0; turn < 2; turn += 1) {
    const link = ApolloLink.from([
      new PersistedQueryLink({ sha256, useGETForHashedQueries }),
      new HttpLink({ uri: url, fetch: fetchFn, headers }),
    ]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const { data } = await client.query({ query });
    assert.match(data.viewer.user.email, /@/);
  }
  const hash = useGETForHashedQueries ? 'GET hash' : 'POST hash';
  assert.deepEqual(requests, [hash, 'POST document', hash]);
}

async function urqlAsItComes() {
  const { requests, fetchFn } = recorded();
  const client = new Client({
    url,
    exchanges: [fetchExchange],
    fetch: fetchFn,
    fetchOptions: { headers },
  });
  const { data, error } = await client.query('query Plain { viewer { user { email } } }', {});
  assert.equal(error, undefined);
  assert.match(data.viewer.user.email, /@/);
  assert.deepEqual(requests, ['GET document']);
}

async function urqlPersisted(name, preferGetForPersistedQueries) {
  const { requests, fetchFn } = recorded();
  for (let turn = 0; turn < 2; turn += 1) {
    const client = new Client({
      url,
      preferGetMethod: false,
      exchanges: [
        persistedExchange({ preferGetForPersistedQueries, generateHash: async (text) => sha256(text) }),
        fetchExchange,
      ],
      fetch: fetchFn,
      fetchOptions: { headers },
    });
    const { data, error } = await client.query(`query ${name} { viewer { user { email } } }`, {});
    assert.equal(error, undefined);
    assert.match(data.viewer.user.email, /@/);
  }
  assert.equal(requests.filter((one) => one.endsWith('document')).length, 1);
  assert.ok(requests.at(-1).endsWith('hash'), requests.join());
}

const checks = {
  'Apollo Client, persisted queries': () => apollo('ApolloPost', false),
  'Apollo Client, persisted queries by GET': () => apollo('ApolloGet', true),
  'urql, default settings': urqlAsItComes,
  'urql, persisted queries': () => urqlPersisted('UrqlPost', false),
  'urql, persisted queries by GET': () => urqlPersisted('UrqlGet', true),
};
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok       ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`failed   ${name}: ${error.message}`);
  }
}
