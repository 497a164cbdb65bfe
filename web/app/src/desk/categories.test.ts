import { expect, it } from 'vitest'
import type { Category } from '../api/schema'
import { categoryTree, matches, remember } from './categories'

const make = (code: string, type: string, l1: string, l2: string, l3: string, en = ''): Category => ({
  code, type, level1: l1, level2: l2, level3: l3, en, default_severity: 1, default_department: '', emergency: false,
  warranty_key: '',
})
const items = [
  make('BX.1', '报修', '卫生间', '防水', '渗漏', 'bathroom leak'),
  make('BX.2', '报修', '卫生间', '防水', '大量漏水'),
  make('BX.3', '报修', '厨房', '防水', '渗漏'),
  make('ZX.1', '咨询', '合同', '备案', '进度'),
]

it('builds one branch per name under its own parent', () => {
  const tree = categoryTree(items, 'zh-CN')
  expect(tree.map((n) => n.label)).toEqual(['报修', '咨询'])
  expect(tree[0]?.children?.map((n) => n.label)).toEqual(['卫生间', '厨房'])
  expect(tree[0]?.children?.[0]?.children?.[0]?.children?.map((n) => n.value)).toEqual(['BX.1', 'BX.2'])
  expect(tree[0]?.children?.[1]?.children?.[0]?.children?.map((n) => n.value)).toEqual(['BX.3'])
})

it('shows English leaves where there are any', () => {
  const leaves = categoryTree(items, 'en')[0]?.children?.[0]?.children?.[0]?.children?.map((n) => n.label)
  expect(leaves).toEqual(['bathroom leak', '大量漏水'])
})

it('searches every word in any level, the code and the English name', () => {
  expect(items.filter((i) => matches(i, '卫生间 漏水')).map((i) => i.code)).toEqual(['BX.2'])
  expect(items.filter((i) => matches(i, 'LEAK')).map((i) => i.code)).toEqual(['BX.1'])
  expect(items.filter((i) => matches(i, 'zx.1')).map((i) => i.code)).toEqual(['ZX.1'])
})

it('remembers five, the latest first, without doubles', () => {
  let recent: string[] = []
  for (const code of ['a', 'b', 'c', 'd', 'e', 'f', 'c']) recent = remember(recent, code)
  expect(recent).toEqual(['c', 'f', 'e', 'd', 'b'])
})
