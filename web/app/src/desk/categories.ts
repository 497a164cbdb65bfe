import type { Category } from '../api/schema'

// A type, not an interface: the cascader's own option type asks for an index signature.
export type CategoryNode = {
  value: string
  label: string
  children?: CategoryNode[]
}

/** The four levels of the catalogue as a tree for the cascader, in the catalogue's own order. Leaves carry the code. */
export function categoryTree(items: readonly Category[], locale: string): CategoryNode[] {
  const roots: CategoryNode[] = []
  for (const item of items) {
    let level = roots
    let path = ''
    for (const name of [item.type, item.level1, item.level2]) {
      path += `/${name}`
      let node = level.find((n) => n.value === path)
      if (!node) {
        node = { value: path, label: name, children: [] }
        level.push(node)
      }
      level = node.children ??= []
    }
    level.push({ value: item.code, label: leaf(item, locale) })
  }
  return roots
}

export function leaf(item: Category, locale: string): string {
  return locale === 'en' && item.en ? item.en : item.level3
}

/** Whether a category answers a search: any of its words, its code or its English name holds each word typed. */
export function matches(item: Category, query: string): boolean {
  const text = `${item.code} ${item.type} ${item.level1} ${item.level2} ${item.level3} ${item.en}`.toLowerCase()
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}

/** The list of recent codes with `code` put first; at most five. */
export function remember(recent: readonly string[], code: string): string[] {
  return [code, ...recent.filter((c) => c !== code)].slice(0, 5)
}
