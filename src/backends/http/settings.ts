import { readJson } from '../../lib/json-tree.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';
import { parameters } from './parameters.ts';
import { readRecipe } from './read-recipe.ts';
import type { Recipe } from './recipe.ts';
import { READY } from './recipes/index.ts';

const TAKES = `a recipe: ${Object.keys(READY).join(', ')}, the path of a YAML file such as ./pam.yaml, or a block`;

/** A recipe: the name of one that came with the program, a file, or the whole of it. As one text it is read as JSON. */
const recipe: Parser<Recipe> = {
  takes: TAKES,
  // What stands in a block has a schema of its own, recipeSchema.
  schema: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'object', required: ['login', 'fetch'] },
    ],
  },
  parse(input) {
    const tree = readJson(input);
    const faults: string[] = [];
    const read = tree === undefined ? undefined : readRecipe(tree, (_at, message) => faults.push(message));
    if (read === undefined)
      throw new SettingFault(faults.length === 0 ? TAKES : `a recipe without faults: ${faults.join('; ')}`);
    return read;
  },
  tree: { read: readRecipe, ready: READY },
};

/** The settings of the declarative backend. */
export const settings = settingRows({
  recipe: { parser: recipe, help: 'how to log in and fetch: the name of a recipe, a file, or a description' },
  parameters: { parser: parameters, help: "the recipe's own parameters" },
});

/** What the rows say, parsed. */
export type HttpBackendValues = SettingValues<typeof settings>;
