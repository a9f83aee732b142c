/** Which folder may import what: the table of the house, as data. `docs/decisions/folders.md` says why. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';

export interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

interface Rule {
  /** Folders of ours (or single files) whose values may be imported, beside the folder itself. */
  own: readonly string[];
  /** Folders of ours of which only types may be imported. */
  types?: readonly string[];
  /** Packages that may be imported; undefined: any but those of `notPackages`. */
  packages?: readonly RegExp[];
  notPackages?: readonly RegExp[];
  /** Whether Node's own modules may be imported (their types always may). */
  node: boolean;
  /** What single files may import beyond the rule. */
  files?: Readonly<Record<string, readonly string[]>>;
}

const ADAPTERS = ['zendesk', 'scanners', 'quarantine', 'email', 'db'] as const;
const adapter: Rule = { own: ['domain'], notPackages: [/^@temporalio\//, /^express$/], node: true };

export const RULES: Readonly<Record<string, Rule>> = {
  domain: { own: [], packages: [/^zod$/], node: false },
  workflows: { own: ['domain'], types: ['activities'], packages: [/^@temporalio\/(workflow|common)$/], node: false },
  activities: {
    own: ['domain', ...ADAPTERS],
    types: ['workflows'],
    notPackages: [/^@temporalio\/(?!activity$|common$)/, /^express$/],
    node: true,
  },
  zendesk: adapter,
  scanners: adapter,
  quarantine: adapter,
  email: adapter,
  db: adapter,
  console: { own: ['domain'], notPackages: [/^@temporalio\//, /^pg$/, /^express$/], node: false, files: {} },
  api: {
    own: ['domain', 'db', 'zendesk', 'workflows/messages'],
    types: ['workflows', 'quarantine', 'config', 'scanners/embedded/structure'],
    notPackages: [/^@temporalio\/(?!client$|common$|envconfig$)/],
    node: true,
    files: {
      'api/main.ts': ['config', 'quarantine', 'scanners/embedded/structure'],
      // Gives an analyst the original, encrypted.
      'api/routes/sealed-copy.ts': ['quarantine'],
      // The preview shows what the worker would send: by the same function.
      'api/policy-preview.ts': ['email'],
    },
  },
  'zendesk-app': { own: ['domain'], packages: [], node: false },
  config: { own: [], packages: [/^zod$/, /^pino$/, /^@temporalio\/envconfig$/], node: true },
  worker: { own: ['domain', 'workflows', 'activities', ...ADAPTERS, 'config'], node: true },
  simulator: { own: [], notPackages: [/^@temporalio\//, /^pg$/], node: true },
  embedded: {
    own: ['domain', 'db', 'config', 'quarantine'],
    types: ['api', 'workflows', 'simulator'],
    node: true,
    // The demonstration plays the outside: it sends tickets as an agent of the simulated help desk would.
    files: { 'embedded/demo.ts': ['simulator/client'] },
  },
  cli: { own: ['domain', ...ADAPTERS, 'config', 'embedded'], types: ['api', 'workflows', 'simulator'], node: true },
};

/** Returns every import of a TypeScript source: declarations, re-exports, `import()`, `require()` and import types. */
export function importsOf(file: string, source: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const named = importAt(node);
    if (named) found.push({ file, ...named });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false));
  return found;
}

function importAt(node: ts.Node): Omit<Import, 'file'> | undefined {
  if (ts.isImportDeclaration(node)) return named(node.moduleSpecifier, isTypeImport(node));
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return named(node.argument.literal, true);
  const isCall = ts.isCallExpression(node) && node.arguments[0] !== undefined;
  if (!isCall || !node.arguments[0]) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? named(node.arguments[0], false) : undefined;
}

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function named(specifier: ts.Node, typeOnly: boolean): Omit<Import, 'file'> | undefined {
  return ts.isStringLiteralLike(specifier) ? { target: specifier.text, typeOnly } : undefined;
}

/** Returns what is wrong with an import, undefined where nothing is. */
export function violation(entry: Import): string | undefined {
  const folder = entry.file.split('/')[0] ?? '';
  const rule = RULES[folder];
  if (!rule) return `${entry.file}: no rule for the folder ${folder}`;
  const { target } = entry;
  const wrong = target.startsWith('.') ? ownProblem(entry, folder, rule) : packageProblem(entry, rule);
  return wrong === undefined ? undefined : `${entry.file} imports ${target}: ${wrong}`;
}

function ownProblem(entry: Import, folder: string, rule: Rule): string | undefined {
  const path = posix.join(posix.dirname(entry.file), entry.target);
  if (path.startsWith('..')) return 'outside of the project';
  const allowed = [
    folder,
    ...rule.own,
    ...(rule.files?.[entry.file] ?? []),
    ...(entry.typeOnly ? (rule.types ?? []) : []),
  ];
  if (allowed.some((place) => path === place || path.startsWith(`${place}/`))) return undefined;
  // package.json is read for the version.
  if (path === 'package.json') return undefined;
  return `${folder}/ may import ${[...rule.own, ...(rule.types ?? []).map((name) => `types of ${name}`)].join(', ') || 'nothing of ours'}`;
}

function packageProblem(entry: Import, rule: Rule): string | undefined {
  const bare = entry.target.replace(/^node:/, '');
  if (builtinModules.includes(bare)) {
    if (!entry.target.startsWith('node:')) return "Node's modules are named with node:";
    return rule.node || entry.typeOnly ? undefined : "Node's modules are not allowed here";
  }
  const name = bare
    .split('/')
    .slice(0, bare.startsWith('@') ? 2 : 1)
    .join('/');
  if (rule.packages && !rule.packages.some((pattern) => pattern.test(name))) return 'the package is not on the list';
  return rule.notPackages?.some((pattern) => pattern.test(name)) ? 'the package is not allowed here' : undefined;
}
