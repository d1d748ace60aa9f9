/**
 * The contract as JSON Schema, by which editors complete and explain its keys: made from the families' own schemas.
 * `test/package/contract-schema.test.ts` writes it to media/contract.schema.json.
 */
import { toJsonSchema, toJsonSchemaDefs, type JsonSchema } from '@valibot/to-json-schema';
import type { FamilyFacts } from './families/family.js';
import { commonKeys } from './files/contract.js';
import { FAMILIES, type Family } from './registry.js';

/** A contract of the family to begin with. */
function exampleOf({ id, example }: FamilyFacts): { readonly family: string } {
  return example ?? { family: id, classes: ['bolt', 'nut', 'washer'] };
}

/**
 * What any contract may say: first its family, then that family's keys. `enumDescriptions` and `defaultSnippets` are
 * VS Code's words, which other validators ignore.
 */
export function contractJsonSchema(): JsonSchema {
  const titles = FAMILIES.map(({ title, docs }) => `${title}: ${docs.recognisedBy}`);
  const own = FAMILIES.map((family) => ({
    if: { properties: { family: { const: family.id } }, required: ['family'] },
    then: ownSchema(family),
  }));
  const snippets = FAMILIES.map((family) => ({
    label: `${family.id} contract`,
    description: family.title,
    body: exampleOf(family),
  }));
  const family = { type: 'string', enum: FAMILIES.map(({ id }) => id), enumDescriptions: titles } as const;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'OHEM Lens: what a checkpoint’s tensors mean',
    type: 'object',
    required: ['family'],
    properties: { family: { ...family, description: 'What the checkpoint is.' } },
    allOf: own,
    examples: FAMILIES.map(exampleOf),
    defaultSnippets: snippets,
    $defs: toJsonSchemaDefs(commonKeys, OPTIONS),
  } as JsonSchema;
}

/** Checks that JSON Schema has no words for (files inside the folder) are left to the reader. */
const OPTIONS = { typeMode: 'input', errorMode: 'ignore' } as const;

/** Its keys; those of all families of one graph stand once in the file. */
function ownSchema({ contract }: Family): JsonSchema {
  const { type, properties, required, additionalProperties } = toJsonSchema(contract, {
    ...OPTIONS,
    definitions: commonKeys,
  });
  return { type, properties, required, additionalProperties };
}
