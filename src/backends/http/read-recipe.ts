import type { TreeReport } from '../../lib/settings.ts';
import type { TreeNode } from '../../lib/tree.ts';
import { checkSense } from './check-sense.ts';
import { placeIn } from './place-in.ts';
import { type Recipe, recipeKind } from './recipe.ts';
import { checkNames } from './scope.ts';

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
  const recipe = { ...read, ready };
  const reportAt = (key: string, phrase: string): void => spot.report(placeIn(node, key), `${key} ${phrase}`);
  checkNames(recipe, reportAt);
  checkSense(recipe, reportAt);
  return isGood ? recipe : undefined;
}
