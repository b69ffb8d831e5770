#include "bench/audio/cairo_library.h"

#include "bench/peers/library.h"

#if KERNELGATE_HAS_CAIRO
namespace kernelgate {

const CairoLibrary& CairoLibrary::get() {
  static const CairoLibrary loaded = [] {
    const Library& library = Library::open("Cairo", {"libcairo.so.2"});
    CairoLibrary cairo{};
    const auto find = [&]<class Function>(Function& function, const char* name) {
      function = library.symbol<Function>(name);
    };
    find(cairo.image_surface_create, "cairo_image_surface_create");
    find(cairo.image_surface_get_data, "cairo_image_surface_get_data");
    find(cairo.image_surface_get_stride, "cairo_image_surface_get_stride");
    find(cairo.surface_flush, "cairo_surface_flush");
    find(cairo.surface_mark_dirty, "cairo_surface_mark_dirty");
    find(cairo.surface_destroy, "cairo_surface_destroy");
    find(cairo.surface_status, "cairo_surface_status");
    find(cairo.surface_write_to_png_stream, "cairo_surface_write_to_png_stream");
    find(cairo.create, "cairo_create");
    find(cairo.destroy, "cairo_destroy");
    find(cairo.set_source_rgb, "cairo_set_source_rgb");
    find(cairo.paint, "cairo_paint");
    find(cairo.rectangle, "cairo_rectangle");
    find(cairo.fill, "cairo_fill");
    find(cairo.select_font_face, "cairo_select_font_face");
    find(cairo.set_font_size, "cairo_set_font_size");
    find(cairo.text_extents, "cairo_text_extents");
    find(cairo.move_to, "cairo_move_to");
    find(cairo.show_text, "cairo_show_text");
    return cairo;
  }();
  return loaded;
}

}  // namespace kernelgate
#endif
