import type { BatchAnswer } from './batch.ts';
import { allOf } from '../../lib/lanes.ts';
import { MISSING } from './single.ts';
import type { Reading, Variable } from './variables.ts';

/** The two ways of reading with the first API, and where readings go. */
export interface Reader {
  ask(variables: readonly Variable[]): Promise<BatchAnswer>;
  readSingly(variable: Variable): Promise<Reading>;
  record(variable: Variable, reading: Reading): void;
}

/** Groups this small are read one by one, at once, where a batch of them cannot be had whole. */
const FEW = 4;

/** So many named one after the other, and the rest goes on in two halves at once. */
const MANY_MISSING = 4;

/**
 * Reads every variable of a group although a batch is all or nothing: one that the server names as missing is taken
 * out, a group that is refused without a name is halved, and whoever is left of a refused group is read alone, so that
 * nobody is called forbidden on an inference. True when all of them were had.
 *
 * With m missing and f forbidden ones among n, at most 1 + 1.5 m + f (2 log2 n + 4) requests.
 */
export async function readGroup(reader: Reader, group: readonly Variable[]): Promise<boolean> {
  let rest = group;
  for (let removed = 0; removed < MANY_MISSING; removed++) {
    if (rest.length < 2) return (await readEach(reader, rest)) && removed === 0;
    const answer = await reader.ask(rest);
    if (answer.kind !== 'missing') return (await settle(reader, rest, answer)) && removed === 0;
    reader.record(answer.variable, MISSING);
    rest = rest.filter((variable) => variable !== answer.variable);
  }
  await readHalves(reader, rest);
  return false;
}

async function settle(
  reader: Reader,
  group: readonly Variable[],
  answer: Exclude<BatchAnswer, { kind: 'missing' }>,
): Promise<boolean> {
  switch (answer.kind) {
    case 'values':
      for (const [variable, value] of answer.values) reader.record(variable, { value });
      return readEach(
        reader,
        group.filter((variable) => !answer.values.has(variable)),
      );
    case 'refused':
      return narrow(reader, group);
    case 'too-much':
      return readHalves(reader, group);
    default:
      return readEach(reader, group);
  }
}

/** A group with at least one in it that cannot be read. When it is not in the first half, it is in the second, which need not be asked. */
async function narrow(reader: Reader, group: readonly Variable[]): Promise<boolean> {
  if (group.length <= FEW) return readEach(reader, group);
  const [first, second] = halves(group);
  if (await readGroup(reader, first)) return narrow(reader, second);
  await readGroup(reader, second);
  return false;
}

async function readHalves(reader: Reader, group: readonly Variable[]): Promise<boolean> {
  const read = await allOf(halves(group).map((half) => readGroup(reader, half)));
  return read.every(Boolean);
}

async function readEach(reader: Reader, group: readonly Variable[]): Promise<boolean> {
  const read = await allOf(
    group.map(async (variable) => {
      const reading = await reader.readSingly(variable);
      reader.record(variable, reading);
      return 'value' in reading;
    }),
  );
  return read.every(Boolean);
}

function halves(group: readonly Variable[]): [Variable[], Variable[]] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)];
}
