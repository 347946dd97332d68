import { BACKENDS } from '../backends/index.ts';
import { backendMembers, FILE_SHAPE, type Members, SECRET_MEMBERS, type Shape } from './shape.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Where the published schema is found; `$schema` comments in configurations name the copy beside them. */
const SCHEMA_ID = 'urn:secretctl:configuration';

/** JSON Schema (draft 2020-12) of the configuration file, made from the same shapes that the loader checks with. */
export function configurationSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'secretctl configuration',
    ...schemaOf(FILE_SHAPE),
  };
}

function schemaOf(shape: Shape): Schema {
  switch (shape.kind) {
    case 'setting':
      return { description: shape.help, ...shape.parser.schema };
    case 'texts':
      return {
        description: shape.help,
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
        ],
      };
    case 'block':
      return { ...(shape.help !== undefined && { description: shape.help }), ...block(shape.members) };
    case 'named':
      return {
        description: shape.help,
        type: 'object',
        propertyNames: { pattern: shape.names.pattern.source },
        additionalProperties: schemaOf(shape.value),
      };
    case 'backend':
      return shape.isPartial ? partialBackend() : backend();
    default:
      return secret(shape.isPartial);
  }
}

function block(members: Members): Schema {
  return { type: 'object', additionalProperties: false, properties: properties(members) };
}

function properties(members: Members): Schema {
  return Object.fromEntries(Object.entries(members).map(([key, shape]) => [key, schemaOf(shape)]));
}

/** The members depend on `type`: one branch for each product. */
function backend(): Schema {
  return {
    type: 'object',
    required: ['type'],
    properties: { type: { enum: BACKENDS.map((row) => row.type) } },
    allOf: BACKENDS.map((row) => ({
      if: { properties: { type: { const: row.type } } },
      // oxlint-disable-next-line unicorn/no-thenable
      then: block(backendMembers(row.type)),
    })),
  };
}

/** In a profile the type stands in the block below it, where a schema cannot look: any product's members are let through. */
function partialBackend(): Schema {
  const own: Record<string, Schema[]> = {};
  for (const row of BACKENDS) {
    for (const [key, shape] of Object.entries(backendMembers(row.type))) (own[key] ??= []).push(schemaOf(shape));
  }
  const merged = Object.entries(own).map(([key, schemas]) => [
    key,
    schemas.length === 1 ? schemas[0] : { anyOf: distinct(schemas) },
  ]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(merged) };
}

function distinct(schemas: readonly Schema[]): Schema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

function secret(isPartial: boolean): Schema {
  const parts = {
    required: ['ref'],
    not: { anyOf: ['path', 'backend', 'version', 'field'].map((key) => ({ required: [key] })) },
  };
  const long = {
    ...block(SECRET_MEMBERS),
    anyOf: isPartial
      ? [{ not: { required: ['ref'] } }, parts]
      : [parts, { required: ['path'], not: { required: ['ref'] } }],
    ...(!isPartial && {
      dependentSchemas: { default: { required: ['optional'], properties: { optional: { const: true } } } },
    }),
  };
  const short = { type: 'string', minLength: 1, maxLength: 4096 };
  return { anyOf: isPartial ? [short, long, { type: 'null' }] : [short, long] };
}
