import { createHash } from 'node:crypto';

/** The same bytes for the same word, as many as asked for; two words have nothing in common. */
function bytesOf(word: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${word} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const KINDS: readonly ((word: string) => string)[] = [
  (word) => `tok_${bytesOf(word, 27).toString('base64url')}`,
  (word) => bytesOf(word, 30).toString('base64'),
  (word) => bytesOf(word, 20).toString('hex'),
  (word) =>
    bytesOf(word, 16)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  (word) => `postgres://app:${bytesOf(word, 15).toString('base64url')}@db.example.test/app`,
  (word) => `${bytesOf(word, 9).toString('base64')} & "${bytesOf(word, 12).toString('hex')}" $x`,
];

/** That many different values of 20 to 64 bytes: tokens, keys, numbers in hex, addresses, phrases with signs in them. */
export function benchValues(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (KINDS[index % KINDS.length] ?? String)(`value ${index}`));
}

const LINES: readonly ((index: number) => string)[] = [
  (i) =>
    `2026-01-0${1 + (i % 9)}T12:${10 + (i % 50)}:07.${100 + (i % 900)}Z INFO  [worker-${i % 16}] request ${i} done in ${i % 977} ms`,
  (i) => `npm warn deprecated package-${i % 300}@1.${i % 20}.${i % 7}: this version is no longer supported`,
  (i) => `  PASS  test/unit/module-${i % 512}.test.ts (${i % 60} tests) ${i % 4000} ms`,
  (i) => `[${i % 100}%] Building CXX object src/CMakeFiles/core.dir/source_${i}.cpp.o`,
  (i) => `\u001b[32m✓\u001b[39m step ${i}: compiled ${i % 90} modules in ${(i % 100) / 10}s`,
  (i) => `{"level":"debug","time":${1_760_000_000_000 + i},"msg":"cache miss","key":"user:${i}","shard":${i % 32}}`,
  (i) => `sha256:${bytesOf(`layer ${i}`, 32).toString('hex')}: Pull complete`,
  (i) => `GET https://registry.example.test/v2/library/image-${i % 80}/manifests/latest 200 ${i % 5000}`,
  (i) => `+ docker run --rm -v /builds/project:/src -e STAGE=${i % 5} image:${i % 40} make target-${i}`,
  (i) => `\tat com.example.app.service.Handler$${i % 9}.invoke(Handler.java:${i % 700})`,
  (i) =>
    `Downloading https://files.example.test/packages/${bytesOf(`${i}`, 6).toString('hex')}/pkg-${i}.whl (${i % 90} kB)`,
  (i) => bytesOf(`artifact ${i}`, 57).toString('base64'),
];

/** So many bytes of what CI jobs print, with one of the values each megabyte. */
export function logText(length: number, values: readonly string[]): Buffer {
  const lines: string[] = [];
  let megabyte = 0;
  for (let [size, index] = [0, 0]; size < length; index++) {
    const line = `${(LINES[(index * 7) % LINES.length] ?? String)(index)}\n`;
    lines.push(line);
    size += line.length;
    if (size >> 20 === megabyte) continue;
    megabyte = size >> 20;
    lines.push(`the value is ${values[megabyte % Math.max(1, values.length)] ?? 'not known'}\n`);
  }
  return Buffer.from(lines.join('')).subarray(0, length);
}

/** So many bytes of what only begins like a value, or is the middle of one. */
export function nearMisses(length: number, values: readonly string[]): Buffer {
  const pieces: string[] = [];
  for (let [size, index] = [0, 0]; size < length; index++) {
    const value = values[index % Math.max(1, values.length)] ?? `no value ${index}`;
    const cut = 1 + ((index * 13) % (value.length - 1));
    const piece = `${index % 2 === 0 ? value.slice(0, cut) : value.slice(cut, cut + 8)} `;
    pieces.push(piece);
    size += piece.length;
  }
  return Buffer.from(pieces.join('')).subarray(0, length);
}
