/**
 * Runs the docker client with `--env-file FILE` against an engine of a few lines and prints the variables that it asked
 * for as NAME=VALUE, each ended by a NUL byte: `docker.mjs DOCKER FILE`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

const [docker, file] = process.argv.slice(2);
const directory = mkdtempSync(path.join(tmpdir(), 'engine-'));
const socket = path.join(directory, 'docker.sock');

const engine = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('Api-Version', '1.41');
    if (!/\/containers\/create/.test(request.url)) return response.end('OK');
    for (const variable of JSON.parse(Buffer.concat(chunks).toString()).Env) process.stdout.write(`${variable}\0`);
    response.statusCode = 201;
    response.setHeader('Content-Type', 'application/json');
    return response.end('{"Id":"0123456789ab","Warnings":[]}');
  });
});

engine.listen(socket, () => {
  const env = { PATH: process.env.PATH, HOME: directory, DOCKER_HOST: `unix://${socket}` };
  const client = spawn(docker, ['create', '--env-file', file, 'image'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  client.on('close', (status) => {
    engine.close();
    rmSync(directory, { recursive: true, force: true });
    process.exitCode = status;
  });
});
