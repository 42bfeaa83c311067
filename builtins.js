/**
 * For rolldown. An `import` of one of Node's modules reads all properties of that module, and for some of them Node loads
 * more modules. To make a `require` takes longer still. So a bundle takes what it uses from `process.getBuiltinModule`.
 */
export const builtins = {
  name: 'builtins',
  renderChunk: (code) =>
    code
      .replace(
        /^import (?:(\w+)|\* as (\w+)|\{([^}]*)\}) from "(node:[^"]+)";$/gm,
        (_, standard, all, names = '', module) =>
          `const ${standard ?? all ?? `{${names.replaceAll(' as ', ': ')}}`} = process.getBuiltinModule("${module}");`,
      )
      // The only modules that are left to be required are Node's own.
      .replace(/\bcreateRequire\(import\.meta\.url\)/, 'process.getBuiltinModule'),
}
