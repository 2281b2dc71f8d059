// Lets graphql-ws, Apollo Client, urql and graphql-sse subscribe to a running server as they come,
// see a change that somebody else makes, and resume after its cursor.
//
//   node live_clients.mjs http://127.0.0.1:8000/graphql TOKEN
import assert from 'node:assert/strict';
import { ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createStream } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const changed = `subscription ($after: String) {
  recordChanged(kinds: [SITE], after: $after) { cursor record { ... on Site { code } } }
}`;
const create = 'mutation ($input: SiteCreateInput!) { siteCreate(input: $input) { errors { message } } }';
const SECONDS = 20;
let number = 0;

async function post(query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function addSite() {
  number += 1;
  const code = `LIVE-${process.pid}-${number}`;
  const { siteCreate } = await post(create, { input: { code, name: code } });
  assert.deepEqual(siteCreate.errors, []);
  return code;
}

// Resolves with the first result; `subscribe` takes an observer and returns what unsubscribes.
async function first(subscribe, act = async () => {}) {
  let stop;
  try {
    return await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('no result in time')), SECONDS * 1000).unref();
      stop = subscribe({ next: resolve, error: reject, complete: () => {} });
      act().catch(reject);
    });
  } finally {
    stop();
  }
}

// A change before the subscription is read by its cursor, so that no client has to be in time.
async function follows(subscribe) {
  const now = (await post('{ changes { pageInfo { endCursor } } }')).changes.pageInfo.endCursor;
  const one = await addSite();
  const seen = await first((observer) => subscribe({ after: now }, observer));
  assert.equal(seen.errors, undefined);
  assert.equal(seen.data.recordChanged.record.code, one);
  const after = seen.data.recordChanged.cursor;
  const codes = [];
  const next = await first((observer) => subscribe({ after }, observer), async () => {
    codes.push(await addSite());
  });
  assert.equal(next.data.recordChanged.record.code, codes[0]);
}

const socket = () =>
  createSocket({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });

async function graphqlWs() {
  const client = socket();
  await follows((variables, observer) => client.subscribe({ query: changed, variables }, observer));
  const answer = await first((observer) => client.subscribe({ query: '{ viewer { user { email } } }' }, observer));
  assert.match(answer.data.viewer.user.email, /@/);
  await client.dispose();
}

async function apollo() {
  const wsClient = socket();
  const link = ApolloLink.from([new GraphQLWsLink(wsClient)]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = gql(changed);
  await follows((variables, observer) => {
    const subscription = client.subscribe({ query, variables }).subscribe(observer);
    return () => subscription.unsubscribe();
  });
  await wsClient.dispose();
}

function urqlFollows(client) {
  return follows((variables, observer) => {
    const { unsubscribe } = client.subscription(changed, variables).subscribe((result) =>
      result.error ? observer.error(result.error) : observer.next({ data: result.data }),
    );
    return unsubscribe;
  });
}

async function urqlOverWs() {
  const wsClient = socket();
  const forwardSubscription = (request) => ({
    subscribe: (sink) => ({
      unsubscribe: wsClient.subscribe({ query: request.query, variables: request.variables }, sink),
    }),
  });
  const exchanges = [fetchExchange, subscriptionExchange({ forwardSubscription })];
  await urqlFollows(new Client({ url, exchanges }));
  await wsClient.dispose();
}

async function urqlOverFetch() {
  const fetchOptions = { headers: { authorization } };
  const client = new Client({ url, exchanges: [fetchExchange], fetchOptions, fetchSubscriptions: true, preferGetMethod: false });
  await urqlFollows(client);
}

async function graphqlSse() {
  const client = createStream({ url, headers: { authorization }, retryAttempts: 0 });
  await follows((variables, observer) => client.subscribe({ query: changed, variables }, observer));
  const answer = await first((observer) => client.subscribe({ query: '{ viewer { user { email } } }' }, observer));
  assert.match(answer.data.viewer.user.email, /@/);
  client.dispose();
}

async function endsWithItsSignIn() {
  const codes = [];
  const client = createSocket({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer of.no.use' },
    retryAttempts: 0,
    on: { closed: (event) => codes.push(event.code) },
  });
  await assert.rejects(first((observer) => client.subscribe({ query: changed }, observer)));
  assert.deepEqual(codes, [4403]);
}

const checks = {
  'graphql-ws': graphqlWs,
  'graphql-ws with a bad token': endsWithItsSignIn,
  'Apollo Client over a WebSocket': apollo,
  'urql over a WebSocket': urqlOverWs,
  'urql over event streams': urqlOverFetch,
  'graphql-sse': graphqlSse,
};
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok       ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`failed   ${name}: ${error.message ?? JSON.stringify(error)}`);
  }
}
process.exit();
