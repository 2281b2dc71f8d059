// GraphiQL, and above it, in development, a bar that signs in with a demo account.
"use strict";

const { endpoint, query, demo } = JSON.parse(document.getElementById("facts").textContent);
const form = document.getElementById("demo");
const account = document.getElementById("account");
const outcome = document.getElementById("outcome");
const root = ReactDOM.createRoot(document.getElementById("graphiql"));

const LOGIN = `mutation Login($input: LoginInput!) {
  login(input: $input) { accessToken expiresIn errors { message } }
}`;

function show(headers) {
  const fetcher = GraphiQL.createFetcher({ url: endpoint });
  root.render(
    React.createElement(GraphiQL, {
      fetcher,
      headers,
      defaultHeaders: headers,
      defaultQuery: query,
    }),
  );
}

function offer() {
  for (const [index, { organization, label, email }] of demo.entries()) {
    let group = account.querySelector(`optgroup[label="${organization}"]`);
    if (!group) {
      group = document.createElement("optgroup");
      group.label = organization;
      account.append(group);
    }
    group.append(new Option(`${label} · ${email}`, index));
  }
  form.hidden = demo.length === 0;
}

async function logIn({ email, password, organization }) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query: LOGIN, variables: { input: { email, password, organization } } }),
  });
  const { data, errors } = await answer.json();
  const refused = errors ?? data.login.errors;
  if (refused.length > 0) throw new Error(refused[0].message);
  return data.login;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const login = demo[account.value];
  outcome.textContent = "Signing in…";
  try {
    const { accessToken, expiresIn } = await logIn(login);
    const end = new Date(Date.now() + expiresIn * 1000).toLocaleTimeString();
    show(JSON.stringify({ Authorization: `Bearer ${accessToken}` }, null, 2));
    outcome.textContent = `Signed in as ${login.email} until ${end}`;
  } catch (error) {
    outcome.textContent = `Not signed in: ${error.message}`;
  }
});

offer();
show();
