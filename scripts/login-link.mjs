// npm run login-link: asks the console that runs on this machine (PORT, 4200) to print a new link to sign in.
const port = process.env.PORT || '4200';
const url = `http://127.0.0.1:${port}`;
try {
  const response = await fetch(`${url}/auth/link`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: '{}',
  });
  if (!response.ok) throw new Error((await response.json()).detail);
  console.log(`The console at ${url} has printed a link: look where it runs.`);
} catch (error) {
  console.error(`login-link: no local console prints one at ${url}: ${error.message}. PORT says where it is.`);
  process.exitCode = 1;
}
