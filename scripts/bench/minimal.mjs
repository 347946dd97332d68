// The same requests as `secretctl fetch`, in as little code as Node allows: no check, no retry, no error handling.
import fs from 'node:fs';
import https from 'node:https';

const { BENCH_URL, BENCH_CA, BENCH_EXCHANGE, BENCH_READ, BENCH_ACCESS, SECRETCTL_ID_TOKEN } = process.env;
const agent = new https.Agent({ keepAlive: true, ca: fs.readFileSync(BENCH_CA) });

function request(path, options, body) {
  return new Promise((resolve, reject) => {
    const sent = https.request(BENCH_URL + path, { agent, ...options }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks)));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const access = BENCH_ACCESS
  ? fs.readFileSync(BENCH_ACCESS)
  : await request(
      BENCH_EXCHANGE,
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      `jwt=${SECRETCTL_ID_TOKEN}`,
    );
if (process.argv[2] === 'exchange') {
  process.stdout.write(access);
} else {
  const headers = { authorization: `Token token="${access.toString('base64')}"` };
  const read = JSON.parse(await request(BENCH_READ, { headers }));
  process.stdout.write(JSON.stringify(Object.values(read)));
}
agent.destroy();
