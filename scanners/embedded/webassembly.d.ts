/** The part of the WebAssembly API used here: Node has it, but its types come with the browser library only. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: Record<string, unknown>;
  }
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
