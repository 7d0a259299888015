import { posix } from 'node:path';
import ts from 'typescript';

/**
 * The house from the ground up: a file imports only from its own room and from lower floors.
 * Rooms of one floor do not know each other, save where `NEIGHBOURS` says so.
 */
const FLOORS = [
  ['errors'],
  ['plan', 'measure', 'charts', 'stats', 'regions', 'cloud', 'demo'],
  ['store'],
  ['load', 'report'],
  ['run'],
  ['cli', 'functions'],
  ['bin'],
] as const;

const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  plan: ['regions'],
  cloud: ['regions'],
};

/** Rooms that only compute: they know no files and no network. */
const PURE_ROOMS = ['plan', 'measure', 'charts', 'stats', 'regions'];
const WORLD = new Set([
  ...['fs', 'net', 'http', 'https', 'http2', 'tls', 'dns', 'dgram', 'child_process'],
  'undici',
]);

/** Functions and the command line know a deployment without the CDK, which is large. */
const CDK_FILE = /^(bin\/cloud|lib\/cloud\/([\w]+-stack|stack-[\w]+|stacks))\.ts$/;

const LONGEST = 300;
const NOT_A_NOUN = /^(utils?|helpers?|common|misc|types?|shared)$/i;

/** What is wrong with one file of bin/, lib/ or functions/; `path` is from the project's root. */
export function offences(path: string, source: string): string[] {
  const room = roomOf(path);
  if (room === null || floorOf(room) < 0) return [`${path}: stands in no room of the house`];
  const tree = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true);
  return [
    ...shapeOffences(path, source),
    ...specifiers(tree).flatMap((specifier) => importOffences(path, room, specifier)),
    ...(floorOf(room) < floorOf('cli') ? terminalOffences(path, tree) : []),
  ];
}

/** `lib/errors.ts` is a room of its own; otherwise the folder in lib, or bin and functions. */
function roomOf(path: string): string | null {
  if (path === 'lib/errors.ts') return 'errors';
  const [top, next, ...deeper] = path.split('/');
  if (top === 'lib') return deeper.length > 0 ? (next ?? null) : null;
  return top === 'bin' || top === 'functions' ? top : null;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => (rooms as readonly string[]).includes(room));
}

function shapeOffences(path: string, source: string): string[] {
  const found: string[] = [];
  const lines = source.replace(/\n$/, '').split('\n').length;
  if (lines > LONGEST) found.push(`${path}: has ${lines} lines, more than ${LONGEST}`);
  for (const name of path.split('/').slice(1)) {
    const stem = name.replace(/\..*$/, '');
    if (NOT_A_NOUN.test(stem)) found.push(`${path}: "${stem}" is no noun that holds one idea`);
  }
  return found;
}

function importOffences(path: string, room: string, specifier: string): string[] {
  const name = specifier.replace(/^node:/, '').split('/')[0] ?? '';
  if (PURE_ROOMS.includes(room) && WORLD.has(name)) {
    return [`${path}: imports ${specifier}, but ${room} knows no files and no network`];
  }
  if (specifier.startsWith('@aws-sdk/') && !mayUseAws(path, room)) {
    return [`${path}: imports ${specifier}, which belongs in store/s3-store, run and functions`];
  }
  if (/^(aws-cdk-lib|constructs)(\/|$)/.test(specifier) && !CDK_FILE.test(path)) {
    return [
      `${path}: imports ${specifier}, which belongs in bin/cloud and the stacks of lib/cloud`,
    ];
  }
  if (!specifier.startsWith('.')) return [];
  const target = posix.join(posix.dirname(path), specifier);
  if (CDK_FILE.test(target.replace(/\.js$/, '.ts')) && !CDK_FILE.test(path)) {
    return [`${path}: imports ${specifier}, and with it the CDK`];
  }
  if (target === 'package.json') return [];
  const other = roomOf(target.replace(/\.js$/, '.ts'));
  if (other === null || floorOf(other) < 0) {
    return [`${path}: imports ${specifier}, which is in no room of the house`];
  }
  if (other === room || floorOf(other) < floorOf(room)) return [];
  if (NEIGHBOURS[room]?.includes(other)) return [];
  return [`${path}: imports ${specifier}, but ${other} is not below ${room}`];
}

function mayUseAws(path: string, room: string): boolean {
  return path === 'lib/store/s3-store.ts' || room === 'run' || room === 'functions';
}

/** Everything that the file names as another module, however it does so. */
function specifiers(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const take = (node: ts.Node | undefined) => {
    if (node && ts.isStringLiteralLike(node)) found.push(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) take(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) take(node.expression);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(node.argument.literal);
    } else if (ts.isCallExpression(node)) {
      const called = node.expression;
      const imports = called.kind === ts.SyntaxKind.ImportKeyword;
      if (imports || called.getText() === 'require') take(node.arguments[0]);
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
      // `new URL('./thread.js', import.meta.url)`: how a thread names its file.
      const [file, base] = node.arguments ?? [];
      if (base?.getText() === 'import.meta.url' && /\.js['"`]$/.test(file?.getText() ?? '')) {
        take(file);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function terminalOffences(path: string, tree: ts.SourceFile): string[] {
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const owner = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
      const text = owner ? node.parent.expression.getText() : null;
      if (/^(stdout|stderr)$/.test(node.text) && (text === 'process' || named(node))) {
        used.add(`process.${node.text}`);
      }
      if (node.text === 'console' && (text === null || text === 'globalThis') && !isKey(node)) {
        used.add('console');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...used].map((what) => `${path}: uses ${what}, but only cli and bin write to a terminal`);
}

/** Taken out of `process` or its module by name: `const { stdout } = process`. */
function named(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) {
    return /\bprocess\b/.test(parent.parent.parent.getText().split('=').at(-1) ?? '');
  }
  if (!ts.isImportSpecifier(parent)) return false;
  return /['"](node:)?process['"]/.test(parent.parent.parent.parent.getText());
}

function isKey(node: ts.Identifier): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}
