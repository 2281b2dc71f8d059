// Runs every GraphQL-over-HTTP audit of graphql-http against a running server, with a token.
//
//   node graphql_over_http.mjs http://127.0.0.1:8000/graphql TOKEN
//
// Exit 0 only if every audit is ok.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });

const counts = { ok: 0, failed: 0 };
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn();
  const outcome = result.status === 'ok' ? 'ok' : 'failed';
  counts[outcome] += 1;
  const why = outcome === 'ok' ? '' : `: ${result.reason}`;
  console.log(`${outcome.padEnd(8)} ${result.id} ${result.name}${why}`);
}
console.log(`graphql-http: ${counts.ok} ok, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;
