import { isMap, isNode, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { policyFault } from '../frame/policy-file.ts';
import type { PolicyText } from '../types.ts';

/** What policy has made so far; ids are absolute and without their kind, roles and resources are `kind:id`. */
export interface PolicyModel {
  readonly webservices: Set<string>;
  readonly variables: Set<string>;
  readonly groups: Set<string>;
  /** Annotations by host. */
  readonly hosts: Map<string, ReadonlyMap<string, string>>;
  /** Role, privilege and resource, a line each. */
  readonly permits: Set<string>;
  /** Group and member, a line each. */
  readonly grants: Set<string>;
}

/** Policy without anything in it. */
export function emptyModel(): PolicyModel {
  return {
    webservices: new Set(),
    variables: new Set(),
    groups: new Set(),
    hosts: new Map(),
    permits: new Set(),
    grants: new Set(),
  };
}

/** Loads one document into its branch, with YAML 1.1 and Conjur's tags. Throws CONFIG_INVALID for what is none. */
export function loadPolicyText({ name, place = '', text }: PolicyText, model: PolicyModel): void {
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent', uniqueKeys: true, prettyErrors: false });
  const loader: Loader = { model, fault: (why) => policyFault(name, why) };
  if (document.errors.length > 0) throw loader.fault('it is not YAML');
  loadAll(document.contents, place === 'root' ? '' : place, loader);
}

interface Loader {
  readonly model: PolicyModel;
  fault(why: string): Error;
}

type Statement = (node: Node, branch: string, loader: Loader) => void;

const STATEMENTS: Readonly<Record<string, Statement>> = {
  '!policy': (node, branch, loader) => {
    const members = membersOf(node, ['id', 'body'], loader);
    loadAll(members.get('body') ?? null, below(branch, textOf(members.get('id'), loader)), loader);
  },
  '!webservice': (node, branch, { model, ...loader }) => {
    model.webservices.add(below(branch, textOf(node, { model, ...loader }, true)));
  },
  '!variable': (node, branch, loader) => void loader.model.variables.add(below(branch, textOf(node, loader))),
  '!group': (node, branch, loader) => void loader.model.groups.add(below(branch, textOf(node, loader))),
  '!host': (node, branch, loader) => {
    const members = membersOf(node, ['id', 'annotations'], loader);
    const annotations = [...mapOf(members.get('annotations') ?? null, loader)];
    const texts = annotations.map(([key, value]) => [key, textOf(value, loader)] as const);
    loader.model.hosts.set(below(branch, textOf(members.get('id'), loader)), new Map(texts));
  },
  '!permit': (node, branch, loader) => {
    const members = membersOf(node, ['role', 'privilege', 'privileges', 'resource', 'resources'], loader);
    const role = idOf(members.get('role'), branch, loader);
    const privileges = listOf(members.get('privileges') ?? members.get('privilege')).map((one) => textOf(one, loader));
    const resources = listOf(members.get('resources') ?? members.get('resource'));
    for (const resource of resources.map((one) => idOf(one, branch, loader))) {
      for (const privilege of privileges) loader.model.permits.add(`${role}\n${privilege}\n${resource}`);
    }
  },
  '!grant': (node, branch, loader) => {
    const members = membersOf(node, ['role', 'member'], loader);
    const [role, member] = ['role', 'member'].map((key) => idOf(members.get(key), branch, loader));
    loader.model.grants.add(`${role}\n${member}`);
  },
};

function loadAll(list: unknown, branch: string, loader: Loader): void {
  if (!isSeq(list)) throw loader.fault('policy is a list of statements');
  for (const node of list.items) {
    const load = isNode(node) && node.tag !== undefined ? STATEMENTS[node.tag] : undefined;
    if (load === undefined || !isNode(node)) throw loader.fault('a statement has no tag that is known');
    load(node, branch, loader);
  }
}

/** `!group apps` as `group:branch/apps`; a slash in front means the root. What it names has to exist. */
function idOf(node: unknown, branch: string, loader: Loader): string {
  const kind = isNode(node) ? node.tag?.slice(1) : undefined;
  if (kind === undefined || !['webservice', 'variable', 'group', 'host'].includes(kind)) {
    throw loader.fault('a role or resource has no kind');
  }
  const id = below(branch, textOf(node, loader, true));
  const { groups, hosts, webservices } = loader.model;
  const known: Readonly<Record<string, ReadonlySet<string> | ReadonlyMap<string, unknown>>> = {
    group: groups,
    host: hosts,
    webservice: webservices,
  };
  // Variables of secrets are not this policy's.
  if (known[kind]?.has(id) === false) throw loader.fault(`there is no ${kind} of an id that it names`);
  return `${kind}:${id}`;
}

function below(branch: string, id: string): string {
  if (id.startsWith('/')) return id.slice(1);
  return [branch, id].filter((part) => part !== '').join('/');
}

function textOf(node: unknown, loader: Loader, mayBeEmpty = false): string {
  if (!isScalar(node)) throw loader.fault('a text is missing');
  const { value } = node;
  if (value === null || value === '') {
    if (mayBeEmpty) return '';
    throw loader.fault('a text is empty');
  }
  if (typeof value !== 'string') throw loader.fault('a value is not text: it must be in quotes');
  return value;
}

function membersOf(node: Node, known: readonly string[], loader: Loader): ReadonlyMap<string, Node> {
  const members = mapOf(node, loader);
  if ([...members.keys()].some((key) => !known.includes(key))) throw loader.fault('a statement has a member too many');
  return members;
}

function mapOf(node: unknown, loader: Loader): ReadonlyMap<string, Node> {
  if (!isMap(node)) throw loader.fault('a statement has no members');
  return new Map(
    node.items.map(({ key, value }) => {
      if (!isNode(value)) throw loader.fault('a member has no value');
      return [textOf(key, loader), value] as const;
    }),
  );
}

function listOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [node];
}
