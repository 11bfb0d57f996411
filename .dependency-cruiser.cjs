// The import table of the house, as rules: rooms never import each other, a vendor has few doors, and nothing turns in circles.
// test/fences/imports.test.ts plants a bad import for each rule and expects it to be caught.

const pureRooms = ['snapshot', 'risk', 'decisions']
const rooms = ['sources', ...pureRooms, 'actions']
const ground = ['base', 'quant', 'instruments', 'model']

/** Folder of lib/ -> what it may import of lib/ besides itself. A folder that is missing here may import nothing of ours. */
const mayImport = {
  base: [],
  quant: ['base'],
  instruments: ['base', 'quant'],
  model: ['base', 'instruments'],
  ...Object.fromEntries(rooms.map((room) => [room, ground])),
  store: ['base', 'model'],
  bus: ['base', 'model'],
  web: ['base', 'model'],
  // The corridor meets the outer rooms, the cellar and the pipes only as ports, and those are types of lib/model.
  flows: [...ground, ...pureRooms, 'web'],
  wiring: [...ground, ...rooms, 'store', 'bus', 'web', 'flows'],
  local: ['base', 'model', 'wiring'],
  infra: ['base'],
}

/** No node builtins: who has no `fs` and no `crypto` cannot read a file or draw a number that nobody passed in. */
const withoutNode = [...ground, ...pureRooms, 'flows', 'web']

/** Vendor -> who may import it. A vendor that is missing here may be imported by nobody outside of tests and tools. */
const vendorDoors = {
  zod: ['^lib/base/schema\\.ts$'],
  // scalars.ts: an address in homeostat.yaml is checked against its checksum, where it enters.
  viem: [
    '^lib/(sources|actions|local)/',
    '^lib/model/order-hash\\.ts$',
    '^lib/wiring/sign-locally\\.ts$',
    '^lib/wiring/configuration/scalars\\.ts$',
  ],
  mathjs: ['^lib/decisions/rules/language\\.ts$'],
  '@aws-sdk/client-dynamodb': ['^lib/(store|wiring|local)/'],
  '@aws-sdk/client-s3': ['^lib/(store|wiring|local)/'],
  '@aws-sdk/client-sqs': ['^lib/(bus|wiring|local)/'],
  '@aws-sdk/client-sns': ['^lib/(actions|wiring|local)/'],
  '@aws-sdk/client-kms': ['^lib/(actions|wiring|local)/'],
  '@aws-sdk/client-secrets-manager': ['^lib/(wiring|local)/'],
  'aws-cdk-lib': ['^lib/infra/', '^bin/app\\.ts$'],
  constructs: ['^lib/infra/', '^bin/app\\.ts$'],
  'cdk-nag': ['^lib/infra/', '^bin/app\\.ts$'],
  yaml: ['^lib/wiring/configuration/', '^lib/local/'],
  commander: ['^bin/'],
  picocolors: ['^bin/'],
  '@dagrejs/dagre': ['^lib/web/charts/'],
  'd3-scale': ['^lib/web/charts/'],
  'd3-shape': ['^lib/web/charts/'],
  'string-width': ['^lib/web/charts/'],
  fauxqs: ['^lib/local/'],
}

const house = '^(lib|bin|lambdas)/'
const anyOf = (names) => `(${names.join('|')})`
/** The package wherever npm put it, or its bare name where it could not be resolved: an unresolved import is no way around. */
const packages = (names) => `(^|/)node_modules/${anyOf(names)}/|^${anyOf(names)}(/|$)`

const floors = Object.entries(mayImport).map(([floor, allowed]) => ({
  name: `${floor}-imports-${allowed.length === 0 ? 'nothing-of-ours' : 'only-what-it-may'}`,
  comment: `lib/${floor} may import of ours: ${['itself', ...allowed.map((name) => `lib/${name}`)].join(', ')}.`,
  severity: 'error',
  from: { path: `^lib/${floor}/` },
  to: { path: '^(lib|bin|lambdas|test|tools)/', pathNot: `^lib/${anyOf([floor, ...allowed])}/` },
}))

const vendors = Object.entries(vendorDoors).map(([vendor, doors]) => ({
  name: `vendor-${vendor.replace('@', '').replace('/', '-')}`,
  comment: `${vendor} enters through ${doors.join(' or ')} and nowhere else.`,
  severity: 'error',
  from: { path: house, pathNot: doors },
  to: { path: packages([vendor]) },
}))

module.exports = {
  forbidden: [
    ...floors,
    {
      name: 'folder-without-a-rule',
      comment: 'A new folder of lib/ needs a line in `mayImport`.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/${anyOf(Object.keys(mayImport))}/` },
      to: {},
    },
    {
      name: 'lambdas-only-wire',
      comment:
        'A door connects a flow to its wiring. It may construct an outer room (sources, actions): what it constructs is what it can do. Store and bus it gets from the wiring.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { path: '^(lib|bin|lambdas|test|tools)/', pathNot: '^lib/(flows|wiring|model|base|sources|actions)/' },
    },
    {
      name: 'app-only-builds-stacks',
      comment: 'The CDK app knows settings and stacks; what the Lambdas do it knows by path only.',
      severity: 'error',
      from: { path: '^bin/app\\.ts$' },
      to: { path: '^(lib|bin|lambdas|test|tools)/', pathNot: '^lib/(base|infra)/' },
    },
    {
      name: 'command-line-imports-flows',
      comment:
        'A command runs a flow or shows what the pure rooms and the window say. Stores, the bus and the signer it gets from the wiring.',
      severity: 'error',
      from: { path: '^bin/', pathNot: '^bin/app\\.ts$' },
      to: {
        path: '^(lib|bin|lambdas|test|tools)/',
        pathNot: `^bin/|^lib/${anyOf([...ground, ...pureRooms, 'web', 'flows', 'wiring', 'local', 'sources'])}/`,
      },
    },
    {
      name: 'command-line-loads-when-asked',
      comment:
        'The local house brings emulators and contracts, sources bring viem: `homeostat --help` waits for neither. Import them with `import()`.',
      severity: 'error',
      from: { path: '^bin/' },
      to: { path: '^lib/(local|sources)/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    ...vendors,
    {
      name: 'vendor-mathjs-number-only',
      comment: '`mathjs` whole is 650 KB and slow to start; its parser for plain numbers is 149 KB.',
      severity: 'error',
      from: { path: house },
      to: { path: packages(['mathjs']), pathNot: '(^|/)mathjs/(lib/esm/number\\.js|number)$' },
    },
    {
      name: 'vendor-without-a-rule',
      comment: 'A new vendor needs a line in `vendorDoors`.',
      severity: 'error',
      from: { path: house },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'],
        pathNot: packages(Object.keys(vendorDoors)),
      },
    },
    {
      name: 'vendor-of-development',
      comment:
        'Only the local house, tests and tools may lean on development dependencies: they are not there when deployed.',
      severity: 'error',
      from: { path: house, pathNot: '^lib/local/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'vendor-not-declared',
      comment: 'What is imported stands in package.json; what came along with something else may go with it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-node-in-pure-rooms',
      comment: 'Pure rooms and the corridor get time, chance, hashes and files as values or ports.',
      severity: 'error',
      from: { path: [`^lib/${anyOf(withoutNode)}/`, '^lambdas/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-import-of-tests',
      comment: 'Nothing that runs depends on a test or a tool.',
      severity: 'error',
      from: { path: house },
      to: { path: '^(test|tools)/' },
    },
    {
      name: 'no-cycles',
      comment: 'What imports in circles cannot be read, tested or moved by itself.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports it and it imports nobody: is it used at all?',
      severity: 'error',
      from: { orphan: true, path: '^(lib|bin|lambdas)/' },
      to: {},
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
