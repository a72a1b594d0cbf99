/** The import rules of docs/architecture.md: data flows one way, and each side knows only what it may know. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(app|components|contract|server|embedded|gen|e2e|bench|faults|scripts|tools)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      // Types may point back; code may not.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('app', '^app/(?!api/)', '^(app|components|contract)/', 'Pages know components and the contract.'),
    only(
      'api-routes',
      '^app/api/',
      '^(app/api|contract|server)/',
      'API routes are the only part of app/ that knows the server.',
    ),
    only('components', '^components/', '^(components|contract)/', 'Components know nothing of server or protocol.'),
    only('contract', '^contract/', '^contract/', 'The contract knows nothing of ours.'),
    only('server', '^server/(?!upstream/)', '^(server|contract)/', 'Generated protocol types end in server/upstream.'),
    only('upstream', '^server/upstream/', '^(server|contract|gen)/', 'Upstream clients map the protocol to the model.'),
    only(
      'embedded',
      '^embedded/',
      '^(embedded|gen)/',
      'The embedded cluster speaks the protocol and knows no line of the console.',
    ),
    {
      name: 'nothing-imports-embedded',
      severity: 'error',
      comment: 'It is reached over gRPC and its control API only.',
      from: { pathNot: '^embedded/' },
      to: { path: '^embedded/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|\\.next|dist|\\.cache)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // TypeScript 7 has no JavaScript API for other tools; swc parses instead, type-only imports included.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.css'],
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
