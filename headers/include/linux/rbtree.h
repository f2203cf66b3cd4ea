/* Red-black trees. The two functions that rotate are written here: a driver's tree is the driver's own memory. */
#ifndef MMTOP_LINUX_RBTREE_H
#define MMTOP_LINUX_RBTREE_H
#include <linux/types.h>
#define RB_ROOT ((struct rb_root){NULL})
#define rb_entry(pointer, type, member) container_of(pointer, type, member)
#define rb_entry_safe(pointer, type, member) \
	({ struct rb_node *_node = (pointer); _node ? rb_entry(_node, type, member) : NULL; })
#define RB_EMPTY_ROOT(root) ((root)->rb_node == NULL)
#define rb_parent(node) ((struct rb_node *)((node)->__rb_parent_color & ~3UL))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
/* The lowest bit of the parent's address: 0 is red, 1 is black. */
#define _mmtop_rb_black(node) (!(node) || ((node)->__rb_parent_color & 1))
static inline void _mmtop_rb_paint(struct rb_node *node, int black)
{
	node->__rb_parent_color = (node->__rb_parent_color & ~1UL) | black;
}
static inline void _mmtop_rb_set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (node->__rb_parent_color & 1) | (unsigned long)parent;
}
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	*link = node;
}
static inline void _mmtop_rb_replace_child(struct rb_root *root, struct rb_node *parent, struct rb_node *old, struct rb_node *child)
{
	if (!parent)
		root->rb_node = child;
	else if (parent->rb_left == old)
		parent->rb_left = child;
	else
		parent->rb_right = child;
}
/* Turns so that the node's right child (or its left one) takes its place. */
static inline void _mmtop_rb_rotate(struct rb_root *root, struct rb_node *node, int left)
{
	struct rb_node *up = left ? node->rb_right : node->rb_left;
	struct rb_node *inner = left ? up->rb_left : up->rb_right;
	struct rb_node *parent = rb_parent(node);

	if (left) {
		node->rb_right = inner;
		up->rb_left = node;
	} else {
		node->rb_left = inner;
		up->rb_right = node;
	}
	if (inner)
		_mmtop_rb_set_parent(inner, node);
	_mmtop_rb_set_parent(up, parent);
	_mmtop_rb_set_parent(node, up);
	_mmtop_rb_replace_child(root, parent, node, up);
}
static inline void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent, *above, *uncle;

	while ((parent = rb_parent(node)) && !_mmtop_rb_black(parent)) {
		int left = parent == (above = rb_parent(parent))->rb_left;
		uncle = left ? above->rb_right : above->rb_left;
		if (!_mmtop_rb_black(uncle)) {
			_mmtop_rb_paint(uncle, 1);
			_mmtop_rb_paint(parent, 1);
			_mmtop_rb_paint(above, 0);
			node = above;
			continue;
		}
		if (node == (left ? parent->rb_right : parent->rb_left)) {
			_mmtop_rb_rotate(root, parent, left);
			node = parent;
			parent = rb_parent(node);
		}
		_mmtop_rb_paint(parent, 1);
		_mmtop_rb_paint(above, 0);
		_mmtop_rb_rotate(root, above, !left);
	}
	_mmtop_rb_paint(root->rb_node, 1);
}
/* One black node is missing below `parent` on the side of `node`, which may be no node at all. */
static inline void _mmtop_rb_mend(struct rb_node *node, struct rb_node *parent, struct rb_root *root)
{
	while (node != root->rb_node && _mmtop_rb_black(node)) {
		int left = node == parent->rb_left;
		struct rb_node *other = left ? parent->rb_right : parent->rb_left;
		struct rb_node *near, *far;

		if (!_mmtop_rb_black(other)) {
			_mmtop_rb_paint(other, 1);
			_mmtop_rb_paint(parent, 0);
			_mmtop_rb_rotate(root, parent, left);
			other = left ? parent->rb_right : parent->rb_left;
		}
		near = left ? other->rb_left : other->rb_right;
		far = left ? other->rb_right : other->rb_left;
		if (_mmtop_rb_black(near) && _mmtop_rb_black(far)) {
			_mmtop_rb_paint(other, 0);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (_mmtop_rb_black(far)) {
			_mmtop_rb_paint(near, 1);
			_mmtop_rb_paint(other, 0);
			_mmtop_rb_rotate(root, other, !left);
			other = left ? parent->rb_right : parent->rb_left;
			far = left ? other->rb_right : other->rb_left;
		}
		_mmtop_rb_paint(other, parent->__rb_parent_color & 1);
		_mmtop_rb_paint(parent, 1);
		_mmtop_rb_paint(far, 1);
		_mmtop_rb_rotate(root, parent, left);
		node = root->rb_node;
	}
	if (node)
		_mmtop_rb_paint(node, 1);
}
static inline void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child, *parent = rb_parent(node);
	int black = node->__rb_parent_color & 1;

	if (node->rb_left && node->rb_right) {
		/* The next one in order takes the node's place and colour. */
		struct rb_node *next = node->rb_right;

		while (next->rb_left)
			next = next->rb_left;
		black = next->__rb_parent_color & 1;
		child = next->rb_right;
		parent = rb_parent(next);
		if (parent == node) {
			parent = next;
		} else {
			parent->rb_left = child;
			if (child)
				_mmtop_rb_set_parent(child, parent);
			next->rb_right = node->rb_right;
			_mmtop_rb_set_parent(node->rb_right, next);
		}
		next->rb_left = node->rb_left;
		_mmtop_rb_set_parent(node->rb_left, next);
		next->__rb_parent_color = node->__rb_parent_color;
		_mmtop_rb_replace_child(root, rb_parent(node), node, next);
	} else {
		child = node->rb_left ? node->rb_left : node->rb_right;
		if (child)
			_mmtop_rb_set_parent(child, parent);
		_mmtop_rb_replace_child(root, parent, node, child);
	}
	if (black)
		_mmtop_rb_mend(child, parent, root);
}
static inline struct rb_node *_mmtop_rb_end(const struct rb_root *root, int left)
{
	struct rb_node *node = root->rb_node;
	while (node && (left ? node->rb_left : node->rb_right))
		node = left ? node->rb_left : node->rb_right;
	return node;
}
static inline struct rb_node *_mmtop_rb_step(const struct rb_node *node, int forward)
{
	struct rb_node *next = forward ? node->rb_right : node->rb_left;
	if (next) {
		while (forward ? next->rb_left : next->rb_right)
			next = forward ? next->rb_left : next->rb_right;
		return next;
	}
	while ((next = rb_parent(node)) && node == (forward ? next->rb_right : next->rb_left))
		node = next;
	return next;
}
#define rb_first(root) _mmtop_rb_end((root), 1)
#define rb_last(root) _mmtop_rb_end((root), 0)
#define rb_next(node) _mmtop_rb_step((node), 1)
#define rb_prev(node) _mmtop_rb_step((node), 0)
#endif
