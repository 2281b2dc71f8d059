// Runs every GraphQL-over-HTTP audit of graphql-http against a running server.
//
//   node graphql_over_http.mjs http://127.0.0.1:8000/graphql
//
// Exit 0 only if every audit is ok. Three audits ask for queries by GET, which the specification
// leaves to the server ("MAY"); where GET is off they are listed as declined, after checking that
// the answer is the one the specification demands then: 405 with `Allow`.
import { serverAudits } from 'graphql-http';

const GET_AUDITS = new Set(['5A70', 'D6D5', '6A70']);
const url = process.argv[2] ?? 'http://127.0.0.1:8000/graphql';

const isDeclined = ({ id, response }) =>
  GET_AUDITS.has(id) && response?.status === 405 && response.headers.has('allow');

const counts = { ok: 0, declined: 0, failed: 0 };
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const result = await audit.fn();
  const outcome = result.status === 'ok' ? 'ok' : isDeclined(result) ? 'declined' : 'failed';
  counts[outcome] += 1;
  const why = outcome === 'ok' ? '' : `: ${result.reason}`;
  console.log(`${outcome.padEnd(8)} ${result.id} ${result.name}${why}`);
}
console.log(`${counts.ok} ok, ${counts.declined} declined, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;
