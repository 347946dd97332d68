import { benchRedaction } from './bench/redaction.ts';

/** The speed of the streaming redactor by itself, MB (10^6 bytes) a second; with `--quick` on little text. */
const BYTES = process.argv.includes('--quick') ? 8 << 20 : 64 << 20;

process.stdout.write('values   compile ms   log MB/s   near misses MB/s\n');
for (const count of [0, 1, 10, 100, 1000]) {
  const { compileMs, logs, nearMisses } = benchRedaction(count, BYTES);
  const cells = [String(count).padStart(6), compileMs.toFixed(1).padStart(12), logs.toFixed(0).padStart(10)];
  process.stdout.write(`${cells.join(' ')} ${nearMisses.toFixed(0).padStart(18)}\n`);
}
