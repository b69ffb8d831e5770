#pragma once
// Cairo (LGPL-2.1 or MPL-1.1), loaded when used: the program starts without it.

#if __has_include(<cairo/cairo.h>)
#define KERNELGATE_HAS_CAIRO 1
#include <cairo/cairo.h>
#else
#define KERNELGATE_HAS_CAIRO 0
#endif

namespace kernelgate {

#if KERNELGATE_HAS_CAIRO
struct CairoLibrary {
  decltype(&cairo_image_surface_create) image_surface_create;
  decltype(&cairo_image_surface_get_data) image_surface_get_data;
  decltype(&cairo_image_surface_get_stride) image_surface_get_stride;
  decltype(&cairo_surface_flush) surface_flush;
  decltype(&cairo_surface_mark_dirty) surface_mark_dirty;
  decltype(&cairo_surface_destroy) surface_destroy;
  decltype(&cairo_surface_status) surface_status;
  decltype(&cairo_surface_write_to_png_stream) surface_write_to_png_stream;
  decltype(&cairo_create) create;
  decltype(&cairo_destroy) destroy;
  decltype(&cairo_set_source_rgb) set_source_rgb;
  decltype(&cairo_paint) paint;
  decltype(&cairo_rectangle) rectangle;
  decltype(&cairo_fill) fill;
  decltype(&cairo_select_font_face) select_font_face;
  decltype(&cairo_set_font_size) set_font_size;
  decltype(&cairo_text_extents) text_extents;
  decltype(&cairo_move_to) move_to;
  decltype(&cairo_show_text) show_text;

  /// Errors  Unsupported if the library is not there.
  static const CairoLibrary& get();
};
#endif

}  // namespace kernelgate
