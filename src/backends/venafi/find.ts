import { jsonAnswer, unexpected } from '../../lib/answer.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, member, numberMember, textMember } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';
import { type Api, isMiss, type Miss, pauseForIssuing } from './api.ts';
import type { Named } from './references.ts';
import { PAGE_SIZE, requestTarget, searchTarget } from './requests.ts';

/** A certificate that is there. */
export interface Found {
  readonly id: string;
  /** SHA-1, upper-case digits, where the reference or the search says it. */
  readonly fingerprint: string | undefined;
}

/** A search that brings more is none that anybody meant. */
const MOST_PAGES = 20;

/**
 * The certificate that a reference names. Of several with one name it is the one that ends last, of several with one
 * fingerprint too. A certificate request is waited for, within the command's budget.
 */
export async function findCertificate(api: Api, named: Named): Promise<Found | Miss> {
  if (named.by === 'id') return { id: named.value, fingerprint: undefined };
  return named.by === 'request' ? issued(api, named.value) : searched(api, named);
}

async function searched(api: Api, named: Named): Promise<Found | Miss> {
  let best: Candidate | undefined;
  for (let page = 0, seen = 0, isLast = false; !isLast; page++) {
    const answer = await api.ask(searchTarget(named, page));
    if (isMiss(answer)) return answer;
    const { count, candidates } = pageIn(answer, page);
    seen += candidates.length;
    // Whether the count is that of all pages is nowhere said, so after a full page another one is asked for.
    isLast = candidates.length === 0 || (seen >= count && candidates.length < PAGE_SIZE);
    best = lastToEnd([...(best === undefined ? [] : [best]), ...candidates.filter((one) => isMeant(one, named))]);
  }
  if (best !== undefined) return { id: best.id, fingerprint: best.fingerprint };
  const what = named.by === 'name' ? 'name' : 'fingerprint';
  return { refusal: 'missing', reason: `no certificate has the ${what} ${quoted(named.value)}` };
}

function pageIn(
  answer: HttpAnswer,
  page: number,
): { readonly count: number; readonly candidates: readonly Candidate[] } {
  const { request } = answer;
  const json = jsonAnswer(answer);
  const count = numberMember(json, 'count');
  const list = member(json, 'certificates');
  if (count === undefined || list?.kind !== 'array') throw unexpected({ request }, 'is no list of certificates');
  if (page >= MOST_PAGES) throw unexpected({ request }, `goes on after ${MOST_PAGES * PAGE_SIZE} certificates`);
  return { count, candidates: list.items.map((item) => candidateIn(item, request)) };
}

function lastToEnd(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted((one, other) => other.endMs - one.endMs)[0];
}

interface Candidate {
  readonly id: string;
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly endMs: number;
}

function candidateIn(item: Json, request: string): Candidate {
  const id = textMember(item, 'id') ?? '';
  const fingerprint = textMember(item, 'fingerprint')?.replaceAll(':', '').toUpperCase() ?? '';
  const endMs = Date.parse(textMember(item, 'validityEnd') ?? '');
  if (id === '' || fingerprint === '' || Number.isNaN(endMs)) {
    throw unexpected({ request }, 'has a certificate without "id", "fingerprint" or "validityEnd"');
  }
  return { id, fingerprint, names: textsIn(member(item, 'subjectCN')), endMs };
}

/** The server's operators are not relied upon: host names have no letter case, everything else is compared as it is. */
function isMeant(candidate: Candidate, { by, value }: Named): boolean {
  if (by === 'fingerprint') return candidate.fingerprint === value;
  return candidate.names.some((name) => name.toLowerCase() === value.toLowerCase());
}

function textsIn(json: Json | undefined): readonly string[] {
  const items = json?.kind === 'array' ? json.items : json === undefined ? [] : [json];
  return items.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
}

async function issued(api: Api, id: string): Promise<Found | Miss> {
  for (let pauses = 0; ; pauses++) {
    const answer = await api.ask(requestTarget(id));
    if (isMiss(answer)) return answer;
    const json = jsonAnswer(answer);
    const status = textMember(json, 'status') ?? '';
    if (status === '') throw unexpected(answer, 'holds no "status"');
    const [certificate] = textsIn(member(json, 'certificateIds'));
    if (status === 'ISSUED') {
      if (certificate === undefined) throw unexpected(answer, 'names no certificate though it is issued');
      return { id: certificate, fingerprint: undefined };
    }
    if (ENDED.has(status)) {
      const why = textMember(member(json, 'errorInformation'), 'message') ?? '';
      const said = why === '' ? '' : ` ${quoted(why)}`;
      return { refusal: 'missing', reason: `nothing was issued: the request is ${status}${said}` };
    }
    await pauseForIssuing(api.context, pauses, answer.request);
  }
}

/** States of a request after which nothing comes any more. */
const ENDED = new Set(['FAILED', 'REJECTED', 'CANCELLED', 'DELETED']);
