import type { TreeReport } from '../../lib/settings.ts';
import type { TreeNode } from '../../lib/tree.ts';
import { fault } from './kinds.ts';
import { type Recipe, recipeKind } from './recipe.ts';
import { checkNames } from './scope.ts';
import { placeholdersOf } from './template.ts';

/**
 * The recipe of a tree, or undefined when something is wrong with it: every fault goes to `report`. `ready` is its name
 * where it came with the program.
 */
export function readRecipe(node: TreeNode, report: TreeReport, ready?: string): Recipe | undefined {
  let isGood = true;
  const spot = {
    path: '',
    report: (...[at, message]: Parameters<TreeReport>) => {
      isGood = false;
      report(at, message);
    },
  };
  const read = recipeKind.read(node, spot);
  if (read === undefined) return undefined;
  const recipe = { ...read, ready, at: node.at };
  checkNames(recipe, spot.report);
  // A file of the repository would otherwise say where the token goes without anybody seeing an address.
  if (ready === undefined && recipe.url !== undefined) {
    fault(recipe.url.at, { ...spot, path: 'url' }, 'belongs to the backend, beside "recipe"');
  }
  for (const pattern of recipe.reference.path) {
    const many = placeholdersOf(pattern).filter(({ filter }) => filter === 'segments');
    if (many.length > 1) fault(pattern.at, { ...spot, path: 'reference.path' }, 'has several parts of any length');
  }
  return isGood ? recipe : undefined;
}
